"""Another process on a store, run by `stores.other_process`: for each line with a number it appends as many mails and prints their UIDs once flushed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from stores import ALICE, append, open_store


async def main(root: Path) -> None:
    async with open_store(root) as store:
        account = store.account(ALICE)
        print("ready", flush=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            for _ in range(int(line)):
                print(await account.write(append), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
