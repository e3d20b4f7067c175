import Formats
import Tensors

/// A state of training as it was saved: tensors by name.
public struct TrainingState: Sendable {
    /// The tensors, in the order of their names, on the CPU. Whoever takes one may change it in place.
    public let entries: [(name: String, tensor: Tensor)]
    /// Where it came from, for messages.
    public let file: String
    private let places: [String: Int]

    /// A state of the tensors given.
    public init(_ entries: [(name: String, tensor: Tensor)], file: String = "a state of training") {
        self.entries = entries
        self.file = file
        places = Dictionary(entries.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    /// The tensor of a name; nil if there is none.
    public subscript(_ name: String) -> Tensor? { places[name].map { entries[$0].tensor } }

    /// The tensor of a name.
    ///
    /// - Throws: `GeneraError.badData` that names what is missing.
    public func tensor(_ name: String) throws -> Tensor {
        guard let tensor = self[name] else {
            throw GeneraError.badData(
                file: file, reason: "holds no '\(name)'", advice: "go on with the options the run was begun with")
        }
        return tensor
    }

    /// The number of a scalar.
    ///
    /// - Throws: `GeneraError.badData` if it is missing, or no single finite number.
    public func number(_ name: String) throws -> Double {
        let tensor = try tensor(name)
        guard tensor.elementCount == 1, case let value = try tensor.item(), value.isFinite else {
            throw GeneraError.badData(
                file: file, reason: "'\(name)' is \(tensor.shape) and not one finite number",
                advice: "the file is damaged")
        }
        return value
    }

    /// The whole number of a scalar, 0 or more.
    ///
    /// - Throws: `GeneraError.badData` if it is missing, or no such number.
    public func count(_ name: String) throws -> Int {
        let value = try number(name)
        guard value >= 0, let count = Int(exactly: value) else {
            throw GeneraError.badData(
                file: file, reason: "'\(name)' is \(value) and not a count", advice: "the file is damaged")
        }
        return count
    }
}
