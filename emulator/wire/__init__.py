"""What all services share: callers, requests, answers, errors, pages, events, CloudTrail records."""
