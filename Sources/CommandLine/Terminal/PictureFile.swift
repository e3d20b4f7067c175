import Formats
import Genera
import Imaging

/// Files of pictures.
enum PictureFile {
    /// Writes an encoded picture, whole or not at all. Devices and links are written through.
    ///
    /// - Throws: `GeneraError.cannotCreate` or `inputOutput` with the system's reason.
    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try AtomicFile.write(bytes, to: path)
        } catch let error as FormatError {
            let reason = error.advice.isEmpty ? "\(error.reason)." : "\(error.reason); \(error.advice)."
            if error.reason.hasPrefix("cannot create") || error.reason.hasPrefix("cannot open") {
                throw GeneraError.cannotCreate(file: path, reason: reason)
            }
            throw GeneraError.inputOutput(file: path, reason: reason)
        }
    }
}
