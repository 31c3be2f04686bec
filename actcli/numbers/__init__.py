"""The number types: each reads a formula its own way. Nothing here imports the rest of actcli."""
