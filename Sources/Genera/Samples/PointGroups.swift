import Formats

/// The points of a table as samples: a cloud for each group of rows, or for each row where nothing is grouped by.
///
///     let table = try PointTable(path: "cells.h5ad", .init(groupBy: ["patient"], key: "obsm/X_pca"))
///     let populations = try PointGroups(table)
///     for (name, cloud) in zip(populations.names, try populations.all()) { print(name, cloud.count) }
public struct PointGroups: SampleSource {
    /// The table's file.
    public let name: String
    private let points: PointTable.Points

    /// Reads a table.
    ///
    /// - Throws: `FormatError`, as `PointTable.read`.
    public init(_ table: PointTable) throws { (name, points) = (table.file, try table.read()) }

    private var isGrouped: Bool { !points.groupBy.isEmpty }

    /// How many clouds there are.
    public var count: Int { isGrouped ? points.groups.count : points.count }

    /// The groups' names, in order; empty where nothing is grouped by.
    public var names: [String] { isGrouped ? points.groups.map(\.name) : [] }

    /// Clouds by their numbers, with the names of the table's columns.
    public func samples(_ indices: [Int]) throws -> [PointCloud] {
        try require(indices)
        let width = points.columns.count
        return indices.map { index in
            let values =
                isGrouped
                ? points.values(of: points.groups[index]) : Array(points.values[index * width..<(index + 1) * width])
            return PointCloud(checked: values, points.columns)
        }
    }
}
