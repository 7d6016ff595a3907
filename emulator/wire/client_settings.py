"""How a client in another process reaches a served emulator, as environment variables that every AWS SDK reads."""

from urllib.parse import urlsplit


def client_settings(url: str, secret_key: str, account: str, region: str) -> dict[str, str]:
    """Return the variables for a caller of *account* in *region*."""
    return {
        **endpoint_settings(url),
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_DEFAULT_REGION": region,
    }


def endpoint_settings(url: str) -> dict[str, str]:
    """Return the variables for any caller.

    Clients of S3 Control put the account before the host, and few machines resolve such names below the loopback. In
    its address it becomes the name of a user, which HTTP leaves out.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
    """
    address = urlsplit(url)
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_S3_CONTROL": address._replace(netloc=f"account@{address.netloc}").geturl(),
    }
