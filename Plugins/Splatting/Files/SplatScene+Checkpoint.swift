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
        let configuration: JSONValue = ["degree": .integer(splats.degree), "antialiased": .bool(isAntialiased)]
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
        remarks =
            (checkpoint.metadata[Self.remarksKey]?.split(separator: "\n").map(String.init) ?? []) + tensors.remarks
    }
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
