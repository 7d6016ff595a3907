"""Polls the operations of S3 Multi-Region Access Points to their end, and looks at the access points themselves."""
