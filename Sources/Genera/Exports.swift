// A plugin's author imports Genera alone: the floors below come with it, and the package whose types are part of
// what a family implements (its options). CPlugin gives plugins their tag.
@_exported import ArgumentParser
@_exported import CPlugin
@_exported import Formats
@_exported import Imaging
@_exported import Layers
@_exported import Metrics
@_exported import Platform
@_exported import Solvers
@_exported import Tensors
