import Genera

/// The PLY files of the 3DGS authors' code and of all that came after it: one row a splat, all numbers before activation.
///
/// Columns are found by name, so that any order and any type will do. Degree of harmonics is told by the number of `f_rest_`
/// columns. Files of flat splats (2DGS) have no third size.
enum InriaPLY {
    /// Reads a file.
    static func read(_ file: PLY) throws -> SplatScene {
        guard let vertex = file.element("vertex") else {
            throw FormatError(
                file: file.file, place: "header", reason: "there is no element 'vertex'",
                advice: "a file of splats has one row of it for each splat")
        }
        try refusePoints(vertex, file.file)
        let restCount = try restCount(vertex, file.file)
        let isFlat = vertex.property("scale_2") == nil && vertex.property("scale_1") != nil
        let hasShapes = vertex.property("shape") != nil
        var splats = Splats(count: vertex.count, degree: SplatCoding.degree(rest: restCount / 3)!)
        var names = ["x", "y", "z", "opacity"]
        var planes = [0, 1, 2, Splats.Plane.opacity]
        func want(_ name: String, _ plane: Int) {
            names.append(name)
            planes.append(plane)
        }
        for axis in 0..<(isFlat ? 2 : 3) { want("scale_\(axis)", Splats.Plane.logScale + axis) }
        for part in 0..<4 { want("rot_\(part)", Splats.Plane.rotation + part) }
        for channel in 0..<3 { want("f_dc_\(channel)", Splats.Plane.harmonics + channel) }
        for index in 0..<restCount { want("f_rest_\(index)", splats.plane(ofRest: index)) }
        if hasShapes { want("shape", Splats.Plane.shape) }
        for name in names { try need(name, vertex, file.file) }
        try splats.withPlanes { memory in
            try file.copy(names, of: "vertex", to: planes.map { memory[$0] })
        }
        var scene = SplatScene(splats)
        scene.isAntialiased = isAntialiased(file.comments)
        scene.up = SplatScene.upward(of: file.comments)
        if isFlat {
            scene.splats.withPlane(Splats.Plane.logScale + 2) { $0.update(repeating: SplatCoding.flatLogScale) }
            scene.remarks.append("The splats are flat: there is no scale_2, a size of 1e-7 was taken for it")
        }
        if hasShapes, let fusing = ShapeFusing(comments: file.comments) { fusing.undo(in: &scene.splats) }
        scene.remarks += remarks(file, vertex, names)
        return scene
    }

    /// The scene of the last iteration in a folder of the authors' code: `point_cloud/iteration_N/point_cloud.ply`.
    static func latest(in folder: String) -> String? {
        let iterations = FileSystem.names(in: "\(folder)/point_cloud").compactMap { name in
            name.hasPrefix("iteration_") ? Int(name.dropFirst("iteration_".count)) : nil
        }
        let paths = iterations.sorted(by: >).map { "\(folder)/point_cloud/iteration_\($0)/point_cloud.ply" }
        return paths.first(where: FileSystem.exists)
    }

    /// Whether a comment says that the splats were trained with the filter of Mip-Splatting.
    static func isAntialiased(_ comments: [String]) -> Bool {
        comments.contains { comment in
            let words = comment.lowercased().split(whereSeparator: { ": =\t".contains($0) })
            switch words.first {
            case "splatrendermode": return words.dropFirst().first == "mip"
            case "antialiased": return !["0", "false", "no"].contains(words.dropFirst().first ?? "1")
            default: return false
            }
        }
    }

    private static func need(_ name: String, _ vertex: PLY.Element, _ file: String) throws {
        if let property = vertex.property(name), !property.isList { return }
        throw FormatError(
            file: file, place: "element 'vertex'", reason: "the property '\(name)' is missing",
            advice: "a splat has x, y, z, f_dc_0...2, opacity, scale_0...2 and rot_0...3")
    }

    /// A cloud of points is a PLY file too, and often lies beside the one that is meant.
    private static func refusePoints(_ vertex: PLY.Element, _ file: String) throws {
        let marks = ["scale_0", "rot_0", "opacity", "f_dc_0"]
        guard vertex.property("x") != nil, marks.allSatisfy({ vertex.property($0) == nil }) else { return }
        throw FormatError(
            file: file, place: "element 'vertex'",
            reason: "it holds points, not splats: there is none of \(marks.joined(separator: ", "))",
            advice: "train splats from points, or name the file of the trained splats")
    }

    private static func restCount(_ vertex: PLY.Element, _ file: String) throws -> Int {
        let count = vertex.properties.filter { $0.name.hasPrefix("f_rest_") && !$0.isList }.count
        guard count % 3 == 0, SplatCoding.degree(rest: count / 3) != nil else {
            throw FormatError(
                file: file, place: "element 'vertex'", reason: "there are \(count) properties f_rest_",
                advice: "0, 9, 24, 45 and 72 are those of harmonics of degree 0 to 4")
        }
        return count
    }

    private static func remarks(_ file: PLY, _ vertex: PLY.Element, _ names: [String]) -> [String] {
        let known = Set(names + ["nx", "ny", "nz"])
        let extra = vertex.properties.map(\.name).filter { !known.contains($0) }
        var remarks: [String] = []
        if !extra.isEmpty {
            let some = extra.prefix(6).joined(separator: ", ") + (extra.count > 6 ? ", ..." : "")
            remarks.append("\(extra.count) properties of the file were left aside: \(some)")
        }
        let elements = file.elements.map(\.name).filter { $0 != "vertex" }
        if !elements.isEmpty {
            remarks.append("\(elements.count) elements were left aside: \(elements.prefix(6).joined(separator: ", "))")
        }
        if file.trailingByteCount > 0 && file.encoding != .ascii {
            remarks.append("\(file.trailingByteCount) bytes behind the last splat were left aside")
        }
        return remarks
    }
}
