import Genera

/// Where samples go.
enum OutputPlan: Equatable {
    /// One picture of all.
    case picture(String)
    /// One file of data, with its recipe beside it.
    case data(String)
    /// A picture of each in a folder.
    case folder(String)
    /// One picture of all, on standard output.
    case standardOutput

    /// What a path means.
    init(_ path: String) {
        if path == "-" {
            self = .standardOutput
        } else if path.hasSuffix("/") || FileSystem.isFolder(path) {
            self = .folder(path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)
        } else if FileSystem.fileExtension(of: path) == "png" || FileSystem.isDevice(path) {
            self = .picture(path)
        } else {
            self = .data(path)
        }
    }

    /// The file of sample `index` in a folder.
    static func file(of index: Int, in folder: String) -> String {
        let digits = String(index)
        return "\(folder)/\(String(repeating: "0", count: max(6 - digits.count, 0)))\(digits).png"
    }

    /// The file with the recipe of a file of data.
    static func recipeFile(of path: String) -> String { "\(path).json" }

    /// The file with the data of some samples in a folder: `samples`, and the first and last index where they are not just the
    /// first so many. So shards, and what a stopped run has left, have files of their own.
    static func dataFile(_ fileExtension: String, of indices: [Int], in folder: String) -> String {
        let isWhole = indices == Array(0..<indices.count)
        let range = isWhole ? "" : "-\(indices.first ?? 0)-\(indices.last ?? 0)"
        return "\(folder)/samples\(range).\(fileExtension)"
    }

    /// Whether all samples go into one file.
    var holdsOne: Bool {
        if case .folder = self { return false }
        return true
    }

    /// Where samples can go that a stopped run has left: into the same folder, or another file beside.
    var placeOfRest: String {
        switch self {
        case let .folder(path): return "\(path)/"
        case .standardOutput: return "-"
        case let .picture(path), let .data(path):
            let ending = FileSystem.fileExtension(of: path)
            guard !ending.isEmpty, path.lowercased().hasSuffix(".\(ending)") else { return "\(path)-rest" }
            let name = path.dropLast(ending.count + 1)
            return "\(name)-rest.\(ending)"
        }
    }

    /// Refuses places that cannot be written, before anything is drawn.
    ///
    /// - Throws: `GeneraError.cannotCreate`, or `usage` for a picture on a terminal.
    func check(force: Bool) throws {
        switch self {
        case let .picture(path): try FileSystem.requireWritable(path, force: force)
        case let .data(path):
            try FileSystem.requireWritable(path, force: force)
            try FileSystem.requireWritable(Self.recipeFile(of: path), force: force)
        case let .folder(path): try FileSystem.requireWritableFolder(path)
        case .standardOutput:
            if Console.isTerminal(1) {
                throw GeneraError.usage(
                    "A picture cannot be shown in the terminal: redirect standard output, or name a file with --out.")
            }
        }
    }

    /// Refuses a form that samples of a type cannot take, and a folder in which one of them is already, before anything is
    /// drawn.
    ///
    /// - Throws: `GeneraError.usage` that says which forms there are; `GeneraError.cannotCreate`.
    func check<Sample: Drawable>(_ samples: Sample.Type, indices: [Int], force: Bool) throws {
        let count = indices.count
        switch self {
        case let .folder(path):
            guard FileSystem.isFolder(path) else { return }
            for index in indices { try FileSystem.requireWritable(Self.file(of: index, in: path), force: force) }
            for format in Sample.dataFormats {
                let file = Self.dataFile(format.fileExtension, of: indices, in: path)
                try FileSystem.requireWritable(file, force: force)
                try FileSystem.requireWritable(Self.recipeFile(of: file), force: force)
            }
        case let .data(path): _ = try Sample.format(writing: path)
        case .picture, .standardOutput:
            guard count > Sample.pictureLimit else { return }
            throw GeneraError.usage(
                "One picture holds at most \(Sample.pictureLimit.grouped) samples, \(count.grouped) were asked for. Use --out FOLDER/ for a picture of each."
            )
        }
    }
}

extension Drawable {
    /// The formats of single files in which samples can be kept.
    static var dataFormats: [SampleFormat<Self>] { formats.filter { $0.write != nil && !$0.fileExtension.isEmpty } }
}

extension FileSystem {
    /// Refuses a folder that is not there and cannot be made, or takes no files.
    ///
    /// - Throws: `GeneraError.cannotCreate`.
    static func requireWritableFolder(_ path: String) throws {
        if isFolder(path) {
            try requireWritable("\(path)/any", force: true)
        } else if exists(path) {
            throw GeneraError.cannotCreate(file: path, reason: "is a file; a folder was expected.")
        } else {
            try requireWritable(path, force: true)
        }
    }
}
