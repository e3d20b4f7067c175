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

    /// Refuses places that cannot be written, before anything is drawn.
    ///
    /// - Throws: `GeneraError.cannotCreate`, or `usage` for a picture on a terminal.
    func check(indices: [Int], force: Bool) throws {
        switch self {
        case let .picture(path): try FileSystem.requireWritable(path, force: force)
        case let .data(path):
            try FileSystem.requireWritable(path, force: force)
            try FileSystem.requireWritable(Self.recipeFile(of: path), force: force)
        case let .folder(path):
            try FileSystem.requireWritableFolder(path)
            for index in indices where FileSystem.isFolder(path) {
                try FileSystem.requireWritable(Self.file(of: index, in: path), force: force)
            }
        case .standardOutput:
            if Console.isTerminal(1) {
                throw GeneraError.usage(
                    "A picture cannot be shown in the terminal: redirect standard output, or name a file with --out.")
            }
        }
    }

    /// Refuses a form that samples of a type cannot take, before anything is drawn.
    ///
    /// - Throws: `GeneraError.usage` that says which forms there are.
    func check<Sample: Drawable>(_ samples: Sample.Type, count: Int) throws {
        switch self {
        case .folder: break
        case let .data(path): _ = try Sample.format(writing: path)
        case .picture, .standardOutput:
            guard count > Sample.pictureLimit else { return }
            throw GeneraError.usage(
                "One picture holds at most \(Sample.pictureLimit.grouped) samples, \(count.grouped) were asked for. Use --out FOLDER/ for a picture of each."
            )
        }
    }
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
