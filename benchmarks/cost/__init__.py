"""What a month of Watchkeeper costs, from counts of an emulated hub, list prices and stated assumptions."""
