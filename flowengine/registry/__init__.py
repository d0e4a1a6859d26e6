"""The node types that flows may use."""

from flowengine.registry.discovery import NodePackError, load_folder, load_node_packs
from flowengine.registry.registry import DuplicateNodeTypeError, Registry

__all__ = ["DuplicateNodeTypeError", "NodePackError", "Registry", "load_folder", "load_node_packs"]
