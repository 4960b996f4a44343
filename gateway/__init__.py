"""The program in the home: hears sensors, keeps every fact on disk, and hands it to the server."""
