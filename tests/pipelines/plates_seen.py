"""Photographs of brushed metal with a struck number under known homographies."""

import cv2
import numpy as np

SIZE = (640, 420)
CORNERS = np.array([[0, 0], [SIZE[0], 0], [SIZE[0], SIZE[1]], [0, SIZE[1]]], np.float64)


def plate(seed: int, text: str = "QX 48271") -> np.ndarray:
    """Brushed metal with scratches and pits, wider than the picture, and a struck number."""
    rng = np.random.default_rng(seed)
    width, height = SIZE[0] + 300, SIZE[1] + 300
    metal = cv2.GaussianBlur(rng.normal(size=(height, width)).astype(np.float32), (0, 0), 12, sigmaY=0.7)
    metal = 0.45 + 0.1 * metal / metal.std()
    for _ in range(120):
        x, y = rng.integers(0, width), rng.integers(0, height)
        cv2.circle(metal, (int(x), int(y)), int(rng.integers(1, 4)), float(rng.random()), -1)
    drawn = np.round(np.clip(metal, 0, 1) * 255).astype(np.uint8)
    cv2.putText(drawn, text, (230, 380), cv2.FONT_HERSHEY_DUPLEX, 3, 25, 8)
    cv2.putText(drawn, text, (227, 377), cv2.FONT_HERSHEY_DUPLEX, 3, 205, 2)
    return drawn.astype(np.float32) / 255


def photographed(metal: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """The picture whose pixel p shows the plate at matrix · p, offset into its middle."""
    middle = np.array([[1, 0, 150], [0, 1, 150], [0, 0, 1]], np.float64)
    seen = cv2.warpPerspective(metal, middle @ matrix, SIZE, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    return np.round(seen * 255).astype(np.uint8)


def turned(degrees: float, scale: float = 1.0, shift: tuple[float, float] = (0, 0)) -> np.ndarray:
    affine = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), degrees, scale)
    affine[:, 2] += shift
    return np.vstack([affine, [0, 0, 1]])


def corner_error(found: np.ndarray, true: np.ndarray) -> float:
    ours, theirs = (cv2.perspectiveTransform(CORNERS.reshape(-1, 1, 2), m) for m in (found, true))
    return float(np.linalg.norm(ours - theirs, axis=2).max())
