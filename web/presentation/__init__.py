"""What the screens show: schemas of the API made from the model."""
