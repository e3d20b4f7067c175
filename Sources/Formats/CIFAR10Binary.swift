import Tensors

/// The binary version of CIFAR-10: records of a label byte and 3072 bytes of a 32x32 picture, channel by channel.
public struct CIFAR10Binary: Sendable {
    /// The pictures, `uint8` of shape `[N, 3, 32, 32]`.
    public let images: RawTensor
    /// The classes, 0 to 9, one for each picture.
    public let labels: [Int]

    static let recordSize = 3073

    /// Reads `data_batch_1.bin` and the like, one after the other.
    ///
    /// - Throws: ``FormatError`` when a file cannot be mapped, is not a whole number of records, or has a label beyond 9.
    public init(paths: [String]) throws {
        try self.init(paths.map { (try MappedFile(path: $0).view, $0) })
    }

    /// Reads files' bytes with the names for messages.
    ///
    /// - Throws: ``FormatError``, as `init(paths:)`.
    public init(_ files: [(view: ByteView, file: String)]) throws {
        var labels: [Int] = []
        for (view, file) in files {
            guard view.count % Self.recordSize == 0 else {
                throw FormatError(
                    file: file, reason: "\(view.count) bytes are not a whole number of records of \(Self.recordSize)",
                    advice: "use the binary version of CIFAR-10; is the file complete?")
            }
            for start in stride(from: 0, to: view.count, by: Self.recordSize) {
                guard view[start] < 10 else {
                    throw FormatError(
                        file: file, place: "byte \(start)", reason: "the label is \(view[start]), 0 to 9 were expected")
                }
                labels.append(Int(view[start]))
            }
        }
        let memory = Memory(count: labels.count * (Self.recordSize - 1)) { target in
            var position = 0
            for (view, _) in files {
                view.withUnsafeBytes { source in
                    for start in stride(from: 0, to: source.count, by: Self.recordSize) {
                        let picture = UnsafeRawBufferPointer(rebasing: source[start + 1..<start + Self.recordSize])
                        UnsafeMutableRawBufferPointer(rebasing: target[position...]).copyMemory(from: picture)
                        position += picture.count
                    }
                }
            }
        }
        self.labels = labels
        images = RawTensor(unchecked: .uint8, [labels.count, 3, 32, 32], ByteView(memory))
    }
}
