"""Pure figures: value objects of ``services.models.statistics`` in, ``plotly`` figures out."""
