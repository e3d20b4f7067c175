import Genera

extension InitialPoints {
    /// Reads the points of a PLY file: `x`, `y`, `z` and, where they are there, `red`, `green`, `blue`, whole numbers to 255 or fractions to
    /// 1. Points without colours are mid grey.
    ///
    /// - Throws: `FormatError` for a file without such points.
    public static func read(ply path: String) throws -> InitialPoints {
        try read(PLY(path: path))
    }

    static func read(_ file: PLY) throws -> InitialPoints {
        let axes = try ["x", "y", "z"].map { try file.floats($0, of: "vertex") }
        let count = axes[0].count
        var positions = [Float](repeating: 0, count: 3 * count)
        var colours = [Float](repeating: 0.5, count: 3 * count)
        for (axis, values) in axes.enumerated() {
            if let bad = values.firstIndex(where: { !$0.isFinite }) {
                throw FormatError(file: file.file, place: "vertex \(bad)", reason: "its position is not finite")
            }
            for index in 0..<count { positions[3 * index + axis] = values[index] }
        }
        for (channel, name) in ["red", "green", "blue"].enumerated() {
            guard let property = file.element("vertex")?.property(name), !property.isList else { continue }
            let top: Float = property.type.isInteger ? 255 : 1
            let values = try file.floats(name, of: "vertex")
            for index in 0..<count { colours[3 * index + channel] = min(max(values[index] / top, 0), 1) }
        }
        return InitialPoints(positions: positions, colours: colours)
    }
}
