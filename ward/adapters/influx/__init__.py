"""The store on InfluxDB, over HTTP."""
