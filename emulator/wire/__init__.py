"""What a request and an answer look like: whose a call is, errors in each protocol, CloudTrail records."""
