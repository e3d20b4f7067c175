import Formats

/// A kind of file that holds samples: one that `--out` writes, one that `--reference`, `--data` and `genera data inspect`
/// read, or both.
///
///     static let formats: [SampleFormat<Chord>] = [
///         SampleFormat(
///             "chords", "Chords, one a line", read: { try ChordFile(path: $0) },
///             write: { chords, path in try AtomicFile.write(chords.map(\.line).joined(), to: path) })
///     ]
///
/// Equal samples make equal bytes: `genera reproduce` writes a file again and compares.
public struct SampleFormat<Sample: Sendable>: Sendable {
    /// Endings of such files' names without the dot and in lower case, the usual one first; none for folders.
    public let fileExtensions: [String]
    /// What is in them, for lists: `NumPy array [N, d]`.
    public let summary: String
    /// Whether a file is one of these by what is in it: its path, and its bytes; nil for a folder or an empty file.
    public let recognises: @Sendable (_ path: String, _ content: ByteView?) -> Bool
    /// Reads a file and says how far it is; nil for a format that is only written.
    ///
    /// - Throws: an error that names the file, the place and what was expected.
    public let reads: (@Sendable (_ path: String, _ progress: any ProgressSink) throws -> any SampleSource<Sample>)?
    /// Writes samples to a path, whole or not at all; nil for a format that is only read.
    public let write: (@Sendable (_ samples: [Sample], _ path: String) throws -> Void)?
    /// Whether these samples fit into such a file; true unless stated.
    public let holds: @Sendable (_ samples: [Sample]) -> Bool

    /// The usual ending of the files' names, without the dot; empty for folders.
    public var fileExtension: String { fileExtensions.first ?? "" }

    /// Reads a file without a word; nil for a format that is only written.
    public var read: (@Sendable (_ path: String) throws -> any SampleSource<Sample>)? {
        guard let reads else { return nil }
        return { path in try reads(path, SilentProgress()) }
    }

    /// Makes a format whose files take long to read: `reads` says how far it is.
    public init(
        _ fileExtensions: [String], _ summary: String,
        recognises: @escaping @Sendable (_ path: String, _ content: ByteView?) -> Bool = { _, _ in false },
        reads: @escaping @Sendable (_ path: String, _ progress: any ProgressSink) throws -> any SampleSource<Sample>
    ) {
        (self.fileExtensions, self.summary, self.recognises) = (fileExtensions, summary, recognises)
        (self.holds, self.reads, self.write) = ({ _ in true }, reads, nil)
    }

    /// Makes a format.
    public init(
        _ fileExtensions: [String], _ summary: String,
        recognises: @escaping @Sendable (_ path: String, _ content: ByteView?) -> Bool = { _, _ in false },
        holds: @escaping @Sendable (_ samples: [Sample]) -> Bool = { _ in true },
        read: (@Sendable (_ path: String) throws -> any SampleSource<Sample>)? = nil,
        write: (@Sendable (_ samples: [Sample], _ path: String) throws -> Void)? = nil
    ) {
        (self.fileExtensions, self.summary, self.recognises) = (fileExtensions, summary, recognises)
        (self.holds, self.write) = (holds, write)
        if let read { reads = { path, _ in try read(path) } } else { reads = nil }
    }

    /// Makes a format whose files' names have one ending.
    public init(
        _ fileExtension: String, _ summary: String,
        recognises: @escaping @Sendable (_ path: String, _ content: ByteView?) -> Bool = { _, _ in false },
        holds: @escaping @Sendable (_ samples: [Sample]) -> Bool = { _ in true },
        read: (@Sendable (_ path: String) throws -> any SampleSource<Sample>)? = nil,
        write: (@Sendable (_ samples: [Sample], _ path: String) throws -> Void)? = nil
    ) {
        self.init([fileExtension], summary, recognises: recognises, holds: holds, read: read, write: write)
    }
}

extension Drawable {
    /// The samples of a file, by the format that knows its content, else by that of its name. `progress` hears how far the reading
    /// is, and what there is to say of it.
    ///
    /// - Throws: `GeneraError.noInput` if nothing is there, `badData` that lists what can be read, and the reader's errors.
    public static func source(
        at path: String, progress: any ProgressSink = SilentProgress()
    ) throws -> any SampleSource<Self> {
        guard FileSystem.exists(path) else {
            throw GeneraError.noInput("\(path): there is no such file or folder of samples.")
        }
        guard let reads = format(reading: path)?.reads else {
            let known = formats.filter { $0.read != nil }.map { format in
                let endings = format.fileExtensions.map { ".\($0)" }.joined(separator: ", ")
                return endings.isEmpty ? format.summary : "\(endings) (\(format.summary))"
            }
            guard !known.isEmpty else {
                throw GeneraError.unavailable("\(path): samples of type \(Self.self) cannot be read from files.")
            }
            throw try unknownSamples(path, read: known.joined(separator: "; "))
        }
        do {
            let source = try reads(path, progress)
            progress.report(source.remarks, of: path)
            return source
        } catch {
            // A page of a web server is no table with a fault in its third line.
            guard let view = try? MappedFile(path: path).view, FileKind(view).isHarm else { throw error }
            throw try unknownSamples(path, read: "")
        }
    }

    /// The format that reads a file that is there: one that knows it by content and name, by content, or by name; nil if
    /// none does.
    ///
    /// - Parameter byName: whether a name alone is enough.
    public static func format(reading path: String, byName: Bool = true) -> SampleFormat<Self>? {
        let content = try? MappedFile(path: path).view
        let ending = SamplePath.ending(path)
        let readable = formats.filter { $0.read != nil }
        let known = readable.filter { $0.recognises(path, content) }
        let found = known.first { $0.fileExtensions.contains(ending) } ?? known.first
        return found ?? (byName ? readable.first { $0.fileExtensions.contains(ending) } : nil)
    }

    /// The format that a file's name asks for.
    ///
    /// - Throws: `GeneraError.usage` that lists the endings there are.
    public static func format(writing path: String) throws -> SampleFormat<Self> {
        let ending = SamplePath.ending(path)
        let writable = formats.filter { $0.write != nil }
        if let format = writable.first(where: { $0.fileExtensions.contains(ending) }) { return format }
        let endings = writable.flatMap(\.fileExtensions).map { ".\($0)" }.joined(separator: ", ")
        guard !ending.isEmpty else {
            let others = endings.isEmpty ? "" : " Samples are kept as \(endings) too."
            throw GeneraError.usage("--out needs an ending, such as \(path).png, or a slash for a folder.\(others)")
        }
        guard !writable.isEmpty else {
            throw GeneraError.usage("These samples are pictures: end --out in .png, not in '.\(ending)'.")
        }
        throw GeneraError.usage("These samples are kept as \(endings) or .png, not as '.\(ending)'.")
    }

    /// Writes samples to a file in the format that its name asks for.
    ///
    /// - Throws: as `format(writing:)`; `GeneraError.usage` for samples that do not fit into such a file; the writer's errors.
    public static func write(_ samples: [Self], to path: String) throws {
        let format = try format(writing: path)
        guard format.holds(samples) else {
            let others = formats.filter { $0.write != nil && $0.holds(samples) }.flatMap(\.fileExtensions)
            throw GeneraError.usage(
                "\(path): these samples do not fit into one \(format.summary). What holds them: \(others.map { ".\($0)" }.joined(separator: ", "))."
            )
        }
        try format.write?(samples, path)
    }
}

/// What the names of files of samples say.
enum SamplePath {
    /// The ending of a name in lower case, without the dot and without a `.gz` after it; empty if there is none.
    static func ending(_ path: String) -> String {
        var name = (path.split(separator: "/").last ?? "").lowercased()[...]
        if name.hasSuffix(".gz") { name = name.dropLast(3) }
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return String(name[name.index(after: dot)...])
    }
}

/// The error for a file of samples that nobody here knows: what it is, or what is read.
///
/// - Parameter known: what is read, for the message.
/// - Throws: `FileError` for a file that cannot be read at all.
package func unknownSamples(_ path: String, read known: String) throws -> GeneraError {
    let kind = FileSystem.isFolder(path) ? FileKind.other : FileKind(try MappedFile(path: path).view)
    guard kind != .other else {
        return .badData(
            file: path, reason: "is no file of samples that is known here", advice: "what is read: \(known)")
    }
    let (reason, advice) = kind.refusal(wanted: "a file of samples that is known here")
    let list = kind.isHarm ? "" : "what is read: \(known)"
    return .badData(
        file: path, reason: reason, advice: [advice, list].filter { !$0.isEmpty }.joined(separator: "; "))
}
