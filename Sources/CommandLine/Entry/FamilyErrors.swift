import Formats
import Genera
import Imaging
import Tensors

/// What families say when they refuse options, data or a checkpoint.
enum FamilyErrors {
    /// Runs a family's preparations. Errors of types of its own are about what it was given, so they count as bad data and
    /// not as faults of the program.
    ///
    /// - Throws: what the family throws, or its words.
    static func told<Result>(file: String, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as KeyMismatch {
            throw GeneraError.badData(file: file, reason: error.description, advice: "")
        } catch {
            let isKnown =
                error is GeneraError || error is FormatError || error is ImagingError || error is TensorError
                || error is Engine.LoadError
            throw isKnown ? error : GeneraError.badData(file: file, reason: "\(error)", advice: "")
        }
    }
}
