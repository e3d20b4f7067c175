import Platform

/// A failure of decoding, encoding or drawing pictures, told in one sentence. Files that cannot be read or written as a
/// whole are told by `FileError`.
///
///     faces.png, byte 57 (IDAT): the checksum is wrong. Copy or download the file again.
public struct ImagingError: KindedError, Equatable, Sendable {
    /// The file concerned, or nil for memory and for drawing.
    public var file: String?
    /// Where in the file or drawing: a byte offset, a chunk, a parameter.
    public var place: String?
    /// What went wrong, without a full stop.
    public var reason: String
    /// What to do about it, as a sentence, or nil.
    public var advice: String?
    /// What sort of trouble it is.
    public var kind: FailureKind

    /// Makes an error from its parts.
    public init(
        file: String? = nil, place: String? = nil, reason: String, advice: String? = nil, kind: FailureKind = .data
    ) {
        self.file = file
        self.place = place
        self.reason = reason
        self.advice = advice
        self.kind = kind
    }

    /// The parts as one line.
    public var description: String {
        let location = [file, place].compactMap { $0 }.joined(separator: ", ")
        let sentence = (location.isEmpty ? "" : location + ": ") + reason + "."
        return advice.map { sentence + " " + $0 } ?? sentence
    }

    /// The same error, naming `file` where it named none.
    func inFile(_ path: String?) -> ImagingError {
        var error = self
        error.file = file ?? path
        return error
    }
}

/// Runs `body` and lets its imaging errors name `file`.
func naming<Result>(_ file: String?, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as ImagingError {
        throw error.inFile(file)
    }
}
