"""The WeChat official account: its webhook, its interface, and talking through both."""
