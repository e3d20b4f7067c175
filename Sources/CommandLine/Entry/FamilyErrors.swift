import Formats
import Genera
import Imaging
import Tensors

/// What families say when they refuse options, data or a checkpoint.
enum FamilyErrors {
    /// Runs a family's preparations. Errors of types of its own are about what it was given, so they count as bad data and
    /// not as faults of the program.
    ///
    /// - Throws: what the family throws, or its words, with the model that it had read.
    static func told<Result>(
        by family: any ModelFamily.Type, _ run: RunContext, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch {
            throw told(error, file: run.record.models.first?.path ?? family.name)
        }
    }

    private static func told(_ error: any Error, file: String) -> any Error {
        if let error = error as? KeyMismatch {
            return GeneraError.badData(file: file, reason: error.description, advice: "")
        }
        let isKnown =
            error is GeneraError || error is FileError || error is FormatError || error is ImagingError
            || error is TensorError || error is Engine.LoadError
        return isKnown ? error : GeneraError.badData(file: file, reason: "\(error)", advice: "")
    }
}
