"""S3 Control: Multi-Region Access Points with asynchronous operations; the rest is moto's."""
