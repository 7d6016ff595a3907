"""AWS Step Functions: Standard workflows in JSONPath, on the emulated clock."""
