import Tensors

/// Makes tensors of a pickle's records and bounds what is copied for all of them together: a few bytes that name a tensor again, or
/// repeat its elements by a stride of 0, would otherwise make any number of copies of its storage.
public struct TensorCopies {
    /// Bytes that may still be copied: some for repeated elements, and of each storage what several views in other orders take.
    private var allowance = 128 << 20
    private var storages: Set<ObjectIdentifier> = []

    /// Nothing is copied yet.
    public init() {}

    /// A record's tensor, as `TensorRecord.rawTensor` makes it.
    ///
    /// - Throws: ``FormatError``, as that does, and where copies take far more than the storages they are of.
    public mutating func tensor(_ record: TensorRecord, file: String, place: String) throws -> RawTensor {
        let storage = record.storage
        if storages.insert(ObjectIdentifier(storage)).inserted { allowance += 16 * (storage.bytes?.count ?? 0) }
        let tensor = try record.rawTensor(file: file, place: place)
        if tensor.bytes.owner !== storage.bytes?.owner { allowance -= tensor.bytes.count }
        guard allowance >= 0 else {
            throw FormatError(
                file: file, place: place,
                reason: "the tensors up to this one repeat their storages' elements too often",
                advice: "the file is damaged or hostile")
        }
        return tensor
    }
}
