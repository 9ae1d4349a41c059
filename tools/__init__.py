"""Programs that look after the project itself; nothing of it ships."""
