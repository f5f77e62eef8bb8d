"""Where galaxies lie: round fields with holes around bright stars, and clusters that thread them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from services.models.statistics import FloatArray

POINTING_RADIUS_DEG = 1.75
"""Half the field of view of the Rubin camera (Ivezic et al. 2019, ApJ 873, 111)."""

N_MASKS = 14
MASK_RADIUS_DEG = (0.04, 0.18)
"""Smallest and largest hole cut out around a bright star."""

CLUSTERED_FRACTION = 0.45
GALAXIES_PER_CLUSTER = 60
MIN_CLUSTERS, MAX_CLUSTERS = 40, 4000
CLUSTER_RADIUS_MPC = 1.3
"""Scale of the offsets from a cluster's centre, proper Mpc."""

VELOCITY_SCATTER = 0.0015
"""Velocity dispersion over c of a rich group, about 450 km/s."""

HUBBLE_DISTANCE_MPC = 299_792.458 / 70.0
OMEGA_MATTER = 0.3


@dataclass(frozen=True, slots=True)
class Field:
    """A round field on the sky, centre in degrees (ICRS)."""

    ra_deg: float
    dec_deg: float
    radius_deg: float = POINTING_RADIUS_DEG


EQUATOR_0H = Field(0.35, -0.6)
SOUTH_0H = Field(359.4, -33.2)
DEEP_EAST = Field(150.1, 2.2)
DEEP_SOUTH = Field(53.1, -28.1)
WIDE = Field(61.0, -48.4, 4.0)


def angular_diameter_distance_mpc(redshift: FloatArray) -> FloatArray:
    """Distance in Mpc for a flat universe with H0 = 70 km/s/Mpc, Omega_m = 0.3 (Hogg 1999, astro-ph/9905116)."""
    grid = np.linspace(0.0, 6.0, 1201)
    inverse_hubble = 1.0 / np.sqrt(OMEGA_MATTER * (1 + grid) ** 3 + 1 - OMEGA_MATTER)
    steps = 0.5 * (inverse_hubble[1:] + inverse_hubble[:-1]) * np.diff(grid)
    comoving = HUBBLE_DISTANCE_MPC * np.concatenate([[0.0], np.cumsum(steps)])
    return np.interp(redshift, grid, comoving) / (1 + redshift)


def _uniform_offsets(rng: np.random.Generator, field: Field, n_objects: int) -> tuple[FloatArray, FloatArray]:
    radius = field.radius_deg * np.sqrt(rng.uniform(0, 1, n_objects))
    angle = rng.uniform(0, 2 * np.pi, n_objects)
    return radius * np.cos(angle), radius * np.sin(angle)


@dataclass(frozen=True, eq=False, slots=True)
class _Footprint:
    """A field with holes: star positions as offsets from its centre, in degrees."""

    field: Field
    star_x: FloatArray
    star_y: FloatArray
    star_radius: FloatArray

    def holds(self, x: FloatArray, y: FloatArray) -> np.ndarray:
        """Which offsets lie in the field and in no hole."""
        inside = np.hypot(x, y) <= self.field.radius_deg
        for star_x, star_y, radius in zip(self.star_x, self.star_y, self.star_radius, strict=True):
            inside &= np.hypot(x - star_x, y - star_y) > radius
        return inside


def _footprint(rng: np.random.Generator, field: Field) -> _Footprint:
    star_x, star_y = _uniform_offsets(rng, field, N_MASKS)
    return _Footprint(field, star_x, star_y, rng.uniform(*MASK_RADIUS_DEG, N_MASKS))


def _join_clusters(
    rng: np.random.Generator, field: Field, redshift: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Offsets x, y in degrees and redshifts after part of the galaxies fell into the cluster nearest in redshift.

    A Neyman-Scott process (Neyman & Scott 1958, JRSS B 20, 1): random centres, members scattered around them.
    """
    x, y = _uniform_offsets(rng, field, redshift.size)
    n_clusters = int(np.clip(redshift.size // GALAXIES_PER_CLUSTER, MIN_CLUSTERS, MAX_CLUSTERS))
    centre_z = np.sort(rng.choice(redshift, n_clusters))
    centre_x, centre_y = _uniform_offsets(rng, field, n_clusters)
    nearest = np.searchsorted((centre_z[1:] + centre_z[:-1]) / 2, redshift)
    member = rng.uniform(0, 1, redshift.size) < CLUSTERED_FRACTION
    cluster = nearest[member]
    scale_deg = np.degrees(CLUSTER_RADIUS_MPC / angular_diameter_distance_mpc(np.maximum(centre_z, 0.03)))[cluster]
    x[member] = centre_x[cluster] + scale_deg * rng.standard_normal(cluster.size)
    y[member] = centre_y[cluster] + scale_deg * rng.standard_normal(cluster.size)
    clustered = redshift.copy()
    clustered[member] = centre_z[cluster] + (1 + centre_z[cluster]) * VELOCITY_SCATTER * rng.standard_normal(
        cluster.size
    )
    return x, y, np.maximum(clustered, 0.0021)


def place(rng: np.random.Generator, field: Field, redshift: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """RA and Dec in degrees (RA in 0..360) and redshifts with large-scale structure, each of shape (n_objects,)."""
    footprint = _footprint(rng, field)
    x, y, clustered = _join_clusters(rng, field, redshift)
    while (outside := ~footprint.holds(x, y)).any():
        x[outside], y[outside] = _uniform_offsets(rng, field, int(outside.sum()))
    dec_deg = field.dec_deg + y
    ra_deg = (field.ra_deg + x / np.cos(np.radians(dec_deg))) % 360.0
    return ra_deg, dec_deg, clustered
