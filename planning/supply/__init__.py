"""What is on its way and how reliable that is: shipments, delays, disruptions, lead times, scorecards."""
