#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The recorded case of a new package's test: a velocity network of width 4 with weights that are easy to write down, and its
/// output in double precision, computed here with loops alone. An author puts the outputs of their reference there instead.
struct GoldenVelocity {
    private let width = 4
    private let points: [(x: Double, y: Double, t: Double)] = [(0, 0, 0), (1, -0.5, 0.25), (-1.5, 2, 1)]

    /// Weights between -0.5 and 0.5 without a pattern that could hide a transposed matrix.
    private func weight(_ layer: Int, _ row: Int, _ column: Int) -> Double {
        Double((layer * 37 + row * 11 + column * 5) % 17) / 16 - 0.5
    }

    private var layers: [(name: String, outputs: Int, inputs: Int)] {
        [("input", width, 5)] + (0..<3).map { ("hidden.\($0)", width, width) } + [("output", 2, width)]
    }

    /// Layers with activations between them: the same formula as the template's network.
    private func velocity(_ point: (x: Double, y: Double, t: Double)) -> [Double] {
        var values = [point.x, point.y, point.t, cos(Double.pi * point.t), sin(Double.pi * point.t)]
        for (number, layer) in layers.enumerated() {
            let sums = (0..<layer.outputs).map { row in
                values.enumerated().reduce(weight(number, row, 7)) { $0 + weight(number, row, $1.offset) * $1.element }
            }
            values = number == layers.count - 1 ? sums : sums.map { $0 / (1 + exp(-$0)) }
        }
        return values
    }

    /// A safetensors file with the weights, the inputs `x` and `t`, and the expected `velocity`.
    var file: [UInt8] {
        var tensors: [(name: String, shape: [Int], values: [Double])] = layers.enumerated().flatMap { number, layer in
            [
                (
                    "\(layer.name).weight", [layer.outputs, layer.inputs],
                    (0..<layer.outputs).flatMap { row in (0..<layer.inputs).map { weight(number, row, $0) } }
                ),
                ("\(layer.name).bias", [layer.outputs], (0..<layer.outputs).map { weight(number, $0, 7) }),
            ]
        }
        tensors.append(("x", [points.count, 2], points.flatMap { [$0.x, $0.y] }))
        tensors.append(("t", [points.count], points.map(\.t)))
        tensors.append(("velocity", [points.count, 2], points.flatMap(velocity)))
        return Self.safetensors(tensors)
    }

    private static func safetensors(_ tensors: [(name: String, shape: [Int], values: [Double])]) -> [UInt8] {
        var entries: [String] = []
        var data: [UInt8] = []
        for tensor in tensors {
            let start = data.count
            for value in tensor.values { withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { data += $0 } }
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            entries.append(
                "\"\(tensor.name)\":{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(start),\(data.count)]}")
        }
        var header = Array("{\(entries.joined(separator: ","))}".utf8)
        header += [UInt8](repeating: 32, count: (8 - header.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header + data
    }
}
