import Genera

extension SplatScene {
    /// The family's name in checkpoints.
    static let familyName = "splat"

    /// What reading left aside, in a model's metadata.
    private static let remarksKey = "genera.remarks"

    /// The scene as a model, with the names that gsplat has for tensors: `means` [N, 3], `scales` [N, 3] (logarithms),
    /// `quats` [N, 4] (w first), `opacities` [N] (logits), `sh0` [N, 1, 3], `shN` [N, K - 1, 3], and where splats have
    /// shapes `shapes` [N].
    ///
    /// - Parameter path: the file it came from.
    public func checkpoint(path: String = "") -> ModelCheckpoint {
        let (n, rest) = (splats.count, splats.coefficientCount - 1)
        func tensor(_ name: String, _ planes: Range<Int>, _ shape: [Int]) -> (name: String, tensor: RawTensor) {
            (name, RawTensor(splats.rows(planes), shape: shape))
        }
        let first = Splats.Plane.harmonics
        var weights = [
            tensor("means", 0..<3, [n, 3]), tensor("scales", 3..<6, [n, 3]), tensor("quats", 6..<10, [n, 4]),
            tensor("opacities", 10..<11, [n]), tensor("sh0", first..<first + 3, [n, 1, 3]),
            tensor("shN", first + 3..<splats.planeCount, [n, rest, 3]),
        ]
        if splats.plane(Splats.Plane.shape).contains(where: { $0 != 0 }) {
            weights.append(tensor("shapes", Splats.Plane.shape..<Splats.Plane.shape + 1, [n]))
        }
        var members: [JSONValue.Member] = [
            .init("degree", .integer(splats.degree)), .init("antialiased", .bool(isAntialiased)),
        ]
        if let up { members.append(.init("up", .array(up.map { .number($0) }))) }
        let configuration = JSONValue.object(members)
        var metadata = path.isEmpty ? [:] : ["genera.source": path]
        if !remarks.isEmpty { metadata[Self.remarksKey] = remarks.joined(separator: "\n") }
        return ModelCheckpoint(
            family: Self.familyName, configuration: configuration.jsonLine, weights: weights, metadata: metadata,
            path: path)
    }

    /// The scene of a model.
    ///
    /// - Throws: `FormatError` for tensors that are missing or whose shapes do not fit each other.
    public init(_ checkpoint: ModelCheckpoint) throws {
        let file = checkpoint.path.isEmpty ? "the model" : checkpoint.path
        let tensors = SplatTensors(
            checkpoint.weights, file: file, advice: "it is a model of splats of another program, or damaged")
        self.init(try tensors.splats())
        let view = ByteView(Array(checkpoint.configuration.utf8))
        let configuration = try JSONText.parse(view, file: file, place: "configuration")
        if case .bool(true) = configuration["antialiased"] { isAntialiased = true }
        if case let .array(items)? = configuration["up"] { up = Self.upward(items.compactMap(Self.number)) }
        remarks =
            (checkpoint.metadata[Self.remarksKey]?.split(separator: "\n").map(String.init) ?? []) + tensors.remarks
    }
}

extension SplatScene {
    /// Three numbers as a direction; nil for something else.
    static func upward(_ numbers: [Double]) -> [Double]? {
        numbers.count == 3 && numbers.allSatisfy(\.isFinite) && numbers.contains { $0 != 0 } ? numbers : nil
    }

    private static func number(_ value: JSONValue) -> Double? {
        switch value {
        case let .integer(number): Double(number)
        case let .number(number): number
        default: nil
        }
    }

    /// The direction of a comment `up x y z`, as we write it.
    static func upward(of comments: [String]) -> [Double]? {
        let words = comments.map { $0.split(separator: " ") }.first { $0.first == "up" && $0.count == 4 }
        return words.flatMap { upward($0.dropFirst().compactMap { Double($0) }) }
    }

    /// The comment that says which way is up.
    var upComment: String? { up.map { "up " + $0.map { "\($0)" }.joined(separator: " ") } }
}

extension Splats {
    /// Splats that are turned from rows to planes at a time: they stay in the nearest cache.
    private static let block = 64

    /// Planes as the columns of a table, row by row.
    func rows(_ planes: Range<Int>) -> [Float] {
        let (width, count, stride) = (planes.count, count, stride)
        return [Float](unsafeUninitializedCapacity: width * count) { rows, filled in
            filled = width * count
            guard let rows = rows.baseAddress else { return }
            storage.withUnsafeBufferPointer { memory in
                let first = memory.baseAddress! + planes.lowerBound * stride
                for start in Swift.stride(from: 0, to: count, by: Self.block) {
                    let end = min(start + Self.block, count)
                    for column in 0..<width {
                        let plane = first + column * stride
                        for i in start..<end { (rows + i * width + column).initialize(to: plane[i]) }
                    }
                }
            }
        }
    }

    /// Sets planes from the columns of a table, row by row.
    mutating func setRows(_ rows: [Float], _ planes: Range<Int>) {
        rows.withUnsafeBufferPointer { rows in setRows(planes) { rows[$0] } }
    }

    /// Sets planes from the columns of a table: `number` gives what lies at `row * width + column`.
    mutating func setRows(_ planes: Range<Int>, _ number: (Int) -> Float) {
        let (width, count) = (planes.count, count)
        withPlanes { memory in
            for start in Swift.stride(from: 0, to: count, by: Self.block) {
                let end = min(start + Self.block, count)
                for (column, plane) in planes.enumerated() {
                    let target = memory[plane]
                    for i in start..<end { target[i] = number(i * width + column) }
                }
            }
        }
    }
}
