import Foundation
import Genera

/// Splats in glTF by the extension KHR_gaussian_splatting, `.glb` and `.gltf`.
///
/// glTF has its axes left, up, forward; reading turns them to right, down, forward.
struct SplatGLTF {
    private static let name = "KHR_gaussian_splatting"
    private let json: JSONValue
    private let file: String
    private let buffers: [ByteView]

    /// Whether the bytes are binary glTF, or JSON that names the extension.
    static func holds(_ view: ByteView) -> Bool {
        if view.count > 12, view.integer(at: 0, as: UInt32.self) == 0x4654_6C67 { return true }
        return view.count > 1 && view[0] == UInt8(ascii: "{") && view.contains(Array(name.utf8))
    }

    /// Opens a file and its buffers.
    init(_ view: ByteView, file: String) throws {
        self.file = file
        var (text, chunk) = (view, ByteView?.none)
        if view.integer(at: 0, as: UInt32.self) == 0x4654_6C67 { (text, chunk) = try Self.chunks(view, file) }
        json = try JSONText.parse(text, file: file, place: "JSON")
        guard let version = json["asset"]?["version"], case .string(let number) = version, number.hasPrefix("2.") else {
            throw FormatError(file: file, place: "asset", reason: "it is not glTF of version 2")
        }
        if let compressed = Self.list(json["extensionsRequired"]).first(where: { Self.isCompression($0) }) {
            throw FormatError(
                file: file, place: "extensionsRequired", reason: "the compression \(compressed.jsonLine) is not read",
                advice: "write the scene without it, or as .spz")
        }
        buffers = try Self.list(json["buffers"]).enumerated().map { index, buffer in
            try Self.buffer(buffer, index, chunk, file)
        }
    }

    private static func isCompression(_ value: JSONValue) -> Bool {
        guard case .string(let name) = value else { return false }
        return name.contains("compression") || name.contains("meshopt") || name.contains("draco")
    }

    private static func list(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let items)? = value { return items }
        return []
    }

    private static func whole(_ value: JSONValue?) -> Int? {
        switch value {
        case .integer(let number)? where number >= 0: number
        case .number(let number)? where number >= 0: Int(exactly: number)
        default: nil
        }
    }

    private static func numbers(_ value: JSONValue?) -> [Double] {
        list(value).compactMap {
            switch $0 {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        }
    }

    /// The chunk of JSON, and that of bytes.
    private static func chunks(_ view: ByteView, _ file: String) throws -> (ByteView, ByteView?) {
        var (offset, found) = (12, [UInt32: ByteView]())
        while let size = view.integer(at: offset, as: UInt32.self),
            let kind = view.integer(at: offset + 4, as: UInt32.self)
        {
            guard let part = view.slice(from: offset + 8, count: Int(size)) else {
                throw FormatError(
                    file: file, place: "byte \(offset)",
                    reason: "a chunk of \(size) bytes, \(view.count - offset - 8) are left",
                    advice: "the file is cut short or damaged")
            }
            if found[kind] == nil { found[kind] = part }
            offset += 8 + Int(size)
        }
        guard let text = found[0x4E4F_534A] else {
            throw FormatError(
                file: file, place: "byte 12", reason: "there is no chunk of JSON", advice: "the file is damaged")
        }
        return (text, found[0x004E_4942])
    }

    private static func buffer(_ buffer: JSONValue, _ index: Int, _ chunk: ByteView?, _ file: String) throws -> ByteView
    {
        let place = "buffer \(index)"
        guard case .string(let uri)? = buffer["uri"] else {
            guard let chunk, index == 0 else { throw FormatError(file: file, place: place, reason: "it has no bytes") }
            return chunk
        }
        if uri.hasPrefix("data:") {
            guard let comma = uri.firstIndex(of: ","), uri[..<comma].hasSuffix(";base64"),
                let data = Data(base64Encoded: String(uri[uri.index(after: comma)...]))
            else { throw FormatError(file: file, place: place, reason: "its data URI is not base64") }
            return ByteView(data)
        }
        let name = uri.removingPercentEncoding ?? uri
        guard !name.hasPrefix("/"), !name.split(separator: "/").contains(".."), !name.contains(":") else {
            throw FormatError(file: file, place: place, reason: "its file lies outside the scene: '\(name.prefix(80))'")
        }
        return try MappedFile(path: "\(FileSystem.parent(of: file))/\(name)").view
    }

    // MARK: Scene

    /// The splats of all nodes, each moved as its node is.
    func scene() throws -> SplatScene {
        var parts: [Splats] = []
        var remarks: [String] = []
        var (visited, total) = (0, 0)
        // Of meshes that are placed many times a small file makes any number.
        let limit = buffers.reduce(1 << 20) { $0 + $1.count }
        func step(_ node: Int, _ depth: Int) throws {
            visited += 1
            guard depth < 64, visited < 100_000 else {
                throw error("node \(node)", "nodes lie in a circle, or too deep, or are too many with their meshes")
            }
        }
        func visit(_ node: Int, _ outer: Placement, _ depth: Int) throws {
            try step(node, depth)
            let nodes = Self.list(json["nodes"])
            guard nodes.indices.contains(node) else { throw error("node \(node)", "there is no such node") }
            let placement =
                try outer * Placement(nodes[node], error("node \(node)", "its matrix is no turn, shift and size"))
            if let mesh = Self.whole(nodes[node]["mesh"]) {
                for (index, primitive) in Self.list(item("meshes", mesh)["primitives"]).enumerated() {
                    try step(node, depth)
                    guard primitive["extensions"]?[Self.name] != nil else { continue }
                    var splats = try read(primitive, "mesh \(mesh) primitive \(index)", &remarks)
                    placement.apply(to: &splats)
                    total += splats.count
                    guard total <= limit else {
                        throw error("node \(node)", "its meshes repeat their splats, more than \(limit) in all")
                    }
                    parts.append(splats)
                }
            }
            for child in Self.list(nodes[node]["children"]).compactMap({ Self.whole($0) }) {
                try visit(child, placement, depth + 1)
            }
        }
        for root in roots { try visit(root, Placement(), 0) }
        guard !parts.isEmpty else {
            throw FormatError(
                file: file, reason: "no mesh of its scene has splats (\(Self.name))",
                advice: "it is a model of triangles or points")
        }
        var scene = SplatScene(Splats.joined(parts), remarks: remarks)
        scene.turn(from: .luf, to: .rdf)
        return scene
    }

    private var roots: [Int] {
        let scene = item("scenes", Self.whole(json["scene"]) ?? 0)
        let listed = Self.list(scene["nodes"]).compactMap { Self.whole($0) }
        return listed.isEmpty && json["scenes"] == nil ? Array(Self.list(json["nodes"]).indices) : listed
    }

    private func item(_ list: String, _ index: Int) -> JSONValue {
        let items = Self.list(json[list])
        return items.indices.contains(index) ? items[index] : .null
    }

    private func error(_ place: String, _ reason: String) -> FormatError {
        FormatError(
            file: file, place: place, reason: reason, advice: "the file is damaged, or of a draft of the extension")
    }

    private func read(_ primitive: JSONValue, _ place: String, _ remarks: inout [String]) throws -> Splats {
        if case .string(let kernel)? = primitive["extensions"]?[Self.name]?["kernel"], kernel != "ellipse" {
            throw FormatError(
                file: file, place: place, reason: "the kernel '\(kernel.prefix(80))' is not read",
                advice: "'ellipse' is")
        }
        if let inner = primitive["extensions"]?[Self.name]?["extensions"], case .object(let members) = inner,
            let compressed = members.first(where: { $0.key.contains("compression") })
        {
            throw FormatError(
                file: file, place: place, reason: "the compression '\(compressed.key.prefix(80))' is not read",
                advice: "write the scene without it, or as .spz")
        }
        guard let attributes = primitive["attributes"] else { throw error(place, "it has no attributes") }
        func index(_ name: String) -> Int? { Self.whole(attributes[name]) }
        func need(_ name: String, _ width: Int, _ count: Int?) throws -> [Float] {
            guard let accessor = index(name) else { throw error(place, "the attribute '\(name)' is missing") }
            return try numbers(accessor, width, count)
        }
        let positions = try need("POSITION", 3, nil)
        let count = positions.count / 3
        let degree = (1...4).reversed().first { index("\(Self.name):SH_DEGREE_\($0)_COEF_0") != nil } ?? 0
        let rotations = try need("\(Self.name):ROTATION", 4, count)
        let sizes = try need("\(Self.name):SCALE", 3, count)
        let opacities = try need("\(Self.name):OPACITY", 1, count)
        let harmonics = try (0...degree).flatMap { l in
            try (0...2 * l).map { try need("\(Self.name):SH_DEGREE_\(l)_COEF_\($0)", 3, count) }
        }
        var splats = Splats(count: count, degree: degree)
        splats.setRows(positions, 0..<3)
        // A size is not negative; drafts of the extension had logarithms, of which nearly all are.
        let areLogarithms = sizes.contains { $0 < 0 }
        if areLogarithms {
            remarks.append("\(place): sizes below 0 were taken for logarithms, as drafts of the extension had them")
        }
        splats.setRows(areLogarithms ? sizes : sizes.map(SplatCoding.logScale), 3..<6)
        splats.setRows(rotations, 6..<10)
        splats.moveFirstRotationLast()
        splats.setRows(opacities.map { $0.isNaN ? .nan : SplatCoding.logit(Double($0)) }, 10..<11)
        for (k, values) in harmonics.enumerated() {
            let first = Splats.Plane.harmonics + 3 * k
            splats.setRows(values, first..<first + 3)
        }
        return splats
    }

    /// The numbers of an accessor, `[count, width]`.
    private func numbers(_ index: Int, _ width: Int, _ wanted: Int?) throws -> [Float] {
        let place = "accessor \(index)"
        let accessor = item("accessors", index)
        let types = [1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"]
        guard accessor["sparse"] == nil else { throw error(place, "sparse accessors are not read") }
        guard case .string(let type)? = accessor["type"], type == types[width] else {
            throw error(place, "it must be of type \(types[width]!)")
        }
        guard let count = Self.whole(accessor["count"]), count <= 1 << 31, wanted ?? count == count else {
            throw error(place, "its number of rows must be \(wanted.map(String.init) ?? "a whole number")")
        }
        let (code, isNormalised) = (Self.whole(accessor["componentType"]) ?? 0, accessor["normalized"] == .bool(true))
        let sizes = [5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4]
        guard let size = sizes[code] else { throw error(place, "the component type \(code) is unknown") }
        let bufferView = item("bufferViews", Self.whole(accessor["bufferView"]) ?? -1)
        let stride = Self.whole(bufferView["byteStride"]) ?? size * width
        guard let bufferIndex = Self.whole(bufferView["buffer"]), buffers.indices.contains(bufferIndex),
            (size * width...1 << 16).contains(stride), let length = Self.whole(bufferView["byteLength"]),
            let part = buffers[bufferIndex].slice(from: Self.whole(bufferView["byteOffset"]) ?? 0, count: length)
        else { throw error(place, "its view of the bytes does not fit the buffer") }
        let start = Self.whole(accessor["byteOffset"]) ?? 0
        guard count == 0 || (start <= part.count && (count - 1) * stride + size * width <= part.count - start) else {
            throw error(place, "\(count) rows of \(stride) bytes do not fit its \(part.count) bytes")
        }
        return part.withUnsafeBytes { bytes in
            var result = [Float](repeating: 0, count: count * width)
            for row in 0..<count {
                for column in 0..<width {
                    result[row * width + column] = Self.number(
                        bytes.baseAddress! + start + row * stride + column * size, code, isNormalised)
                }
            }
            return result
        }
    }

    private static func number(_ address: UnsafeRawPointer, _ code: Int, _ isNormalised: Bool) -> Float {
        func scaled<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type) -> Float {
            let value = Float(T(littleEndian: address.loadUnaligned(as: T.self)))
            return isNormalised ? max(-1, value / Float(T.max)) : value
        }
        switch code {
        case 5120: return scaled(Int8.self)
        case 5121: return scaled(UInt8.self)
        case 5122: return scaled(Int16.self)
        case 5123: return scaled(UInt16.self)
        case 5125: return scaled(UInt32.self)
        default: return Float(bitPattern: UInt32(littleEndian: address.loadUnaligned(as: UInt32.self)))
        }
    }
}

/// Where a node puts what is in it: a size, a turn and a shift.
private struct Placement {
    var size = 1.0
    var rotation: [Double] = [1, 0, 0, 0, 1, 0, 0, 0, 1]
    var shift = [0.0, 0, 0]

    init() {}

    /// The placement of a node; a matrix that stretches or mirrors is the error given.
    init(_ node: JSONValue, _ fault: FormatError) throws {
        func numbers(_ key: String) -> [Double]? {
            guard case .array(let items)? = node[key] else { return nil }
            return items.compactMap {
                switch $0 {
                case .integer(let number): Double(number)
                case .number(let number): number
                default: nil
                }
            }
        }
        var columns: [Double] = [1, 0, 0, 0, 1, 0, 0, 0, 1]
        if let matrix = numbers("matrix") {
            guard matrix.count == 16 else { throw fault }
            columns = [0, 1, 2, 4, 5, 6, 8, 9, 10].map { matrix[$0] }
            shift = Array(matrix[12..<15])
        } else {
            let (q, scale) = (numbers("rotation") ?? [0, 0, 0, 1], numbers("scale") ?? [1, 1, 1])
            shift = numbers("translation") ?? shift
            guard q.count == 4, scale.count == 3, shift.count == 3 else { throw fault }
            columns = Self.columns(q)
            for i in 0..<9 { columns[i] *= scale[i / 3] }
        }
        try split(columns, fault)
    }

    /// The columns of the matrix of a quaternion x, y, z, w.
    private static func columns(_ q: [Double]) -> [Double] {
        let length = (q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3]).squareRoot()
        let (x, y, z, w) = (q[0] / length, q[1] / length, q[2] / length, q[3] / length)
        let (xx, yy, zz) = (2 * x * x, 2 * y * y, 2 * z * z)
        let (xy, yz, xz) = (2 * x * y, 2 * y * z, 2 * x * z)
        let (wx, wy, wz) = (2 * w * x, 2 * w * y, 2 * w * z)
        let first: [Double] = [1 - yy - zz, xy + wz, xz - wy]
        let second: [Double] = [xy - wz, 1 - xx - zz, yz + wx]
        let third: [Double] = [xz + wy, yz - wx, 1 - xx - yy]
        return first + second + third
    }

    private mutating func split(_ columns: [Double], _ fault: FormatError) throws {
        let lengths = (0..<3).map { j -> Double in
            let (x, y, z) = (columns[3 * j], columns[3 * j + 1], columns[3 * j + 2])
            return (x * x + y * y + z * z).squareRoot()
        }
        size = lengths[0]
        guard size > 0, size.isFinite, lengths.allSatisfy({ abs($0 - size) <= 1e-4 * size }),
            shift.allSatisfy(\.isFinite)
        else { throw fault }
        let c = columns.map { $0 / size }
        rotation = [c[0], c[3], c[6], c[1], c[4], c[7], c[2], c[5], c[8]]
        guard abs(Splats.determinant(of: rotation) - 1) < 1e-3 else { throw fault }
    }

    static func * (outer: Placement, inner: Placement) -> Placement {
        var result = Placement()
        result.size = outer.size * inner.size
        result.rotation = Splats.product(outer.rotation, inner.rotation)
        let moved = Splats.turned(inner.shift, by: outer.rotation)
        result.shift = (0..<3).map { axis -> Double in outer.shift[axis] + outer.size * moved[axis] }
        return result
    }

    func apply(to splats: inout Splats) {
        if rotation != [1, 0, 0, 0, 1, 0, 0, 0, 1] { splats.turn(rotation) }
        for axis in 0..<3 {
            let (size, shift) = (Float(size), Float(shift[axis]))
            splats.withPlane(axis) { for i in $0.indices { $0[i] = $0[i] * size + shift } }
            if size != 1 {
                let growth = log(size)
                splats.withPlane(Splats.Plane.logScale + axis) { for i in $0.indices { $0[i] += growth } }
            }
        }
    }
}

extension Splats {
    /// Makes x, y, z, w of the planes of rotation w, x, y, z.
    fileprivate mutating func moveFirstRotationLast() {
        let first = Plane.rotation
        let w = Array(plane(first + 3))
        for part in (0..<3).reversed() {
            let values = Array(plane(first + part))
            withPlane(first + part + 1) { _ = $0.update(from: values) }
        }
        withPlane(first) { _ = $0.update(from: w) }
    }

    /// Splats one after the other, of the greatest degree among them.
    static func joined(_ parts: [Splats]) -> Splats {
        if parts.count == 1 { return parts[0] }
        var result = Splats(count: parts.reduce(0) { $0 + $1.count }, degree: parts.map(\.degree).max() ?? 0)
        var first = 0
        for part in parts {
            for plane in 0..<part.planeCount {
                let numbers = part.plane(plane)
                result.withPlane(plane) { target in
                    for (i, number) in numbers.enumerated() { target[first + i] = number }
                }
            }
            first += part.count
        }
        return result
    }
}
