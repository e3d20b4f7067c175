import Genera

/// Files of flat splats, `.gsi`: safetensors with metadata `genera.flat-splats` (the version), `width`, `height`,
/// `form` and `kernel`.
///
/// Either with float32 tensors `position` [N, 2] (before tanh), `form` [N, 3], `colour` [N, 3] and, for general
/// kernels, `shape` [N]; or with `codes` [bytes], the planes' codes packed one after the other from the lowest bit,
/// `ranges` [9, 2], the metadata `bits` (nine numbers) and `count`.
public enum FlatFile {
    private static let version = "1"
    private static let mark = "genera.flat-splats"

    /// Writes splats in float32.
    ///
    /// - Throws: `FormatError` where the system does not take the file.
    public static func write(_ splats: FlatSplats, to path: String) throws {
        func tensor(_ plane: Int, _ width: Int) -> RawTensor {
            RawTensor(
                (0..<splats.count).flatMap { index in (0..<width).map { splats[plane + $0, index] } },
                shape: width == 1 ? [splats.count] : [splats.count, width])
        }
        var tensors = [
            ("position", tensor(FlatSplats.Plane.position, 2)), ("form", tensor(FlatSplats.Plane.form, 3)),
            ("colour", tensor(FlatSplats.Plane.colour, 3)),
        ]
        if splats.kernel == .general { tensors.append(("shape", tensor(FlatSplats.Plane.shape, 1))) }
        try Safetensors.write(tensors.map { (name: $0.0, tensor: $0.1) }, metadata: metadata(splats), to: path)
    }

    /// Writes splats in few bits.
    static func write(_ splats: FlatSplats, _ codes: FlatCodes, to path: String) throws {
        let packed = codes.packed
        var words = metadata(splats)
        words["bits"] = codes.bits.map(String.init).joined(separator: ",")
        words["count"] = "\(splats.count)"
        let ranges = RawTensor(codes.ranges.flatMap { [$0.low, $0.high] }, shape: [9, 2])
        try Safetensors.write(
            [("codes", RawTensor(packed, shape: [packed.count])), ("ranges", ranges)], metadata: words, to: path)
    }

    private static func metadata(_ splats: FlatSplats) -> [String: String] {
        [
            mark: version, "width": "\(splats.width)", "height": "\(splats.height)", "form": splats.form.rawValue,
            "kernel": splats.kernel.rawValue,
        ]
    }

    /// Reads splats.
    ///
    /// - Throws: `FormatError` that says what is wrong where.
    public static func read(_ path: String) throws -> FlatSplats { try read(MappedFile(path: path).view, file: path) }

    /// Reads splats from a file's bytes.
    static func read(_ view: ByteView, file path: String) throws -> FlatSplats {
        let file = try Safetensors(view, file: path)
        func fault(_ place: String, _ reason: String, _ advice: String = "") -> FormatError {
            FormatError(file: path, place: place, reason: reason, advice: advice)
        }
        guard let found = file.metadata[mark] else {
            throw fault(
                "metadata", "there is no '\(mark)', so these are not flat splats", "write them with `genera fit-image`")
        }
        guard found == version else {
            throw fault("metadata", "flat splats of version \(found); this reads version \(version)")
        }
        func size(_ key: String) throws -> Int {
            guard let size = file.metadata[key].flatMap(Int.init), (1...65_536).contains(size) else {
                throw fault("metadata '\(key)'", "a whole number from 1 to 65536 was expected")
            }
            return size
        }
        guard let form = file.metadata["form"].flatMap(FlatSplats.Form.init) else {
            throw fault("metadata 'form'", "cholesky or rotation was expected")
        }
        guard let kernel = file.metadata["kernel"].flatMap(FlatSplats.Kernel.init) else {
            throw fault("metadata 'kernel'", "gaussian or general was expected")
        }
        let (width, height) = (try size("width"), try size("height"))
        func empty(_ count: Int) -> FlatSplats {
            FlatSplats(width: width, height: height, count: count, form: form, kernel: kernel)
        }
        let splats = file["codes"] == nil ? try plain(file, fault, empty) : try coded(file, fault, empty)
        guard splats.parameters.allSatisfy(\.isFinite) else { throw fault("tensors", "a number is NaN or infinite") }
        return splats
    }

    private typealias Fault = (String, String, String) -> FormatError

    private static func plain(_ file: Safetensors, _ fault: Fault, _ empty: (Int) -> FlatSplats) throws -> FlatSplats {
        let position = try file.tensor("position")
        guard position.dtype == .float32, position.shape.count == 2 else {
            throw fault("'position'", "float32 [N, 2] was expected, not \(position.dtype) \(position.shape)", "")
        }
        let count = position.shape[0]
        guard count < 1 << 28 else { throw fault("'position'", "\(count) splats are too many", "") }
        var splats = empty(count)
        var planes = [
            ("position", FlatSplats.Plane.position, 2), ("form", FlatSplats.Plane.form, 3),
            ("colour", FlatSplats.Plane.colour, 3),
        ]
        if splats.kernel == .general { planes.append(("shape", FlatSplats.Plane.shape, 1)) }
        for (name, plane, width) in planes {
            let tensor = try file.tensor(name)
            let shape = width == 1 ? [count] : [count, width]
            guard tensor.dtype == .float32, tensor.shape == shape else {
                throw fault("'\(name)'", "float32 \(shape) was expected, not \(tensor.dtype) \(tensor.shape)", "")
            }
            for (index, value) in tensor.floats().enumerated() { splats[plane + index % width, index / width] = value }
        }
        return splats
    }

    private static func coded(_ file: Safetensors, _ fault: Fault, _ empty: (Int) -> FlatSplats) throws -> FlatSplats {
        let bits = (file.metadata["bits"] ?? "").split(separator: ",").compactMap { Int($0) }
        // Places without bits would let a few bytes stand for any number of splats.
        guard bits.count == FlatSplats.Plane.count, bits.allSatisfy({ (0...24).contains($0) }), bits[0] > 0, bits[1] > 0
        else {
            throw fault("metadata 'bits'", "nine whole numbers from 0 to 24 were expected, the first two not 0", "")
        }
        guard let count = file.metadata["count"].flatMap(Int.init), (0..<1 << 28).contains(count) else {
            throw fault("metadata 'count'", "a number of splats was expected", "")
        }
        let (codes, ranges) = (try file.tensor("codes"), try file.tensor("ranges"))
        let expected = (bits.reduce(0, +) * count + 7) / 8
        guard codes.dtype == .uint8, codes.shape == [expected] else {
            throw fault("'codes'", "\(count) splats need \(expected) bytes, \(codes.bytes.count) are there", "")
        }
        guard ranges.dtype == .float32, ranges.shape == [9, 2] else {
            throw fault("'ranges'", "float32 [9, 2] was expected, not \(ranges.dtype) \(ranges.shape)", "")
        }
        let ends = ranges.floats()
        let packed = codes.int64s().map { UInt8($0) }
        var splats = empty(count)
        FlatCodes(bits: bits, ranges: (0..<9).map { (ends[2 * $0], ends[2 * $0 + 1]) }, packed: packed, count: count)
            .decode(into: &splats)
        return splats
    }
}
