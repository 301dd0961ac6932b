"""The code host on GitHub: PyGithub made safe, the conversation, clocks, and a ledger on a Git ref."""
