"""IAM for the sessions of roles: what their policies allow, and who may assume them."""
