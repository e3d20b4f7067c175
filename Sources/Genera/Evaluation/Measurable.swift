import Formats
import Tensors

/// Samples of which a set can be compared with a set of real ones. `genera evaluate` works for every family whose samples
/// are such; images and point sets are.
public protocol Measurable: Drawable {
    /// The samples as numbers, `[N, ...]`.
    ///
    /// - Throws: an error of samples that differ in shape.
    static func features(of samples: [Self]) throws -> Tensor

    /// Real samples from a file or folder that a person names, in the form of `features(of:)`.
    ///
    /// - Parameter choosing: which of so many samples are wanted, in which order.
    /// - Throws: an error that names the file, and what was expected in it.
    static func reference(from path: String, choosing: (_ count: Int) throws -> [Int]) throws -> Tensor

    /// The classes of all samples of such a file, where it says them. Nil unless stated.
    ///
    /// - Throws: errors of reading it.
    static func classes(from path: String) throws -> [Int]?

    /// What is measured unless others are asked for, and what can be.
    static var measures: [Measure] { get }
}

extension Measurable {
    /// No classes.
    public static func classes(from path: String) throws -> [Int]? { nil }
}

/// Files of numbers as references.
enum ReferenceFile {
    /// The array of an `.npy` file.
    ///
    /// - Throws: `GeneraError.noInput` if it is not there, and the reader's errors.
    static func array(_ path: String) throws -> RawTensor {
        try require(path)
        let array = try NPY.read(path: path)
        guard array.dtype != .complex64, array.dtype != .complex128, array.elementCount > 0 else {
            throw GeneraError.badData(
                file: path, reason: "holds \(array.dtype) \(array.shape)", advice: "real numbers are needed")
        }
        return array
    }

    /// Refuses a path where nothing is.
    ///
    /// - Throws: `GeneraError.noInput`.
    static func require(_ path: String) throws {
        guard Folder.exists(path) else {
            throw GeneraError.noInput("\(path): there is no such file or folder of real samples.")
        }
    }

    /// The extension of a path in lower case.
    static func kind(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// Refuses numbers that are not finite.
    ///
    /// - Parameter width: numbers of a sample.
    /// - Throws: `GeneraError.badData` with the first bad sample.
    static func requireFinite(_ values: [Double], width: Int, file: String) throws {
        guard let bad = values.firstIndex(where: { !$0.isFinite }) else { return }
        throw GeneraError.badData(
            file: file, reason: "sample \(bad / max(width, 1)) (counted from 0) holds \(values[bad])",
            advice: "every number of a reference must be finite")
    }
}
