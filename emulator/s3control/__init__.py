"""S3 Control: Multi-Region Access Points, whose operations take time and fail; the rest is moto's."""
