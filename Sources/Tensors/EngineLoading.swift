import CEngine
import Platform

// Where the engine is looked for, and what can be wrong with it.
extension Engine {
    /// Why there is no engine. Each case says what to do.
    public enum LoadError: KindedError, Sendable, Equatable {
        /// No engine library was found; the places that were searched.
        case notFound([String])
        /// The library exists but the system cannot open it, for the reason given.
        case cannotOpen(String, String)
        /// The library is not an engine.
        case notAnEngine(String, String)
        /// The library is an engine of another version of Genera.
        case wrongVersion(String, String)
        /// The library lacks functions that this version needs.
        case incomplete(String, String)

        /// Something that the machine lacks.
        public var kind: FailureKind { .unavailable }

        /// One sentence with the remedy.
        public var description: String {
            let remedy = "Run `make engine` in Genera's folder to build it anew."
            switch self {
            case let .notFound(places):
                let more = places.count > 3 ? " and \(places.count - 3) more places (`genera doctor` lists them)" : ""
                return "No LibTorch engine was found in \(places.prefix(3).joined(separator: ", "))\(more). \(remedy)"
            case let .cannotOpen(path, reason) where Self.isOutOfMemory(reason):
                return
                    "\(path): the LibTorch engine does not fit into the memory that this process may have: \(reason). "
                    + "Raise the limit (`ulimit -v`, or that of the container or job); LibTorch alone takes more than half a gigabyte."
            case let .cannotOpen(path, reason):
                return "\(path): the LibTorch engine cannot be opened: \(reason). \(remedy)"
            case let .notAnEngine(path, reason):
                return
                    "\(path): this is no engine of Genera: \(reason). Unset GENERA_ENGINE or point it at libgenera-engine.so."
            case let .wrongVersion(path, reason):
                return "\(path): the engine was built for another version of Genera: \(reason). \(remedy)"
            case let .incomplete(path, reason):
                return "\(path): the engine is incomplete: \(reason). \(remedy)"
            }
        }

        /// Whether the system's linker gave up for want of memory or addresses, by its words.
        private static func isOutOfMemory(_ reason: String) -> Bool {
            let reason = reason.lowercased()
            return ["failed to map segment", "cannot allocate memory", "cannot create shared object descriptor"]
                .contains { reason.contains($0) }
        }
    }

    /// The files that are tried, in order: `GENERA_ENGINE` alone if it is set, else the folders beside the program, `.deps`
    /// of the project around it, `.deps` of the sources it was compiled from, the engine that was built last for this user,
    /// and the system's installation. Programs in packages of others have no engine of their own and find it there.
    public static var searchPlaces: [String] {
        if let path = Environment.value("GENERA_ENGINE") { return [path] }
        let name = "libgenera-engine.so"
        func deps(_ folder: String) -> [String] {
            ["libtorch/lib", "engine", "system"].map { "\(folder)/.deps/\($0)/\(name)" }
        }
        var places: [String] = []
        var buffer = [CChar](repeating: 0, count: 4096)
        if genera_image_path(&buffer, buffer.count) == 0 {
            let image = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            var folder = FileSystem.parent(of: image)
            places += [
                "\(folder)/\(name)", "\(FileSystem.parent(of: folder))/lib/genera/\(name)", "\(folder)/genera/\(name)",
            ]
            while folder.count > 1 {
                places += deps(folder)
                folder = FileSystem.parent(of: folder)
            }
        }
        places += deps(sourceFolder)
        places += Environment.dataFolder().map { ["\($0)/genera/engine/\(name)"] } ?? []
        places += Environment.cacheFolder().map { ["\($0)/genera/libtorch/lib/\(name)"] } ?? []
        return places + ["/usr/local/lib/genera/\(name)"]
    }

    /// The folder of the package that this was compiled from.
    package static var sourceFolder: String {
        FileSystem.parent(of: FileSystem.parent(of: FileSystem.parent(of: "\(#filePath)")))
    }

    /// Loads the first of some files that exists.
    package static func load(from places: [String]) -> Result<Loaded, LoadError> {
        guard let path = places.first(where: FileSystem.exists) else { return .failure(.notFound(places)) }
        var code: Int32 = 0
        var message = [CChar](repeating: 0, count: 1024)
        let api = genera_engine_load(path, &code, &message, message.count)
        if let api { return .success(Loaded(api: api.pointee, path: path)) }
        let reason = String(decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        switch Int(code) {
        case GE_NOT_AN_ENGINE: return .failure(.notAnEngine(path, reason))
        case GE_WRONG_ABI: return .failure(.wrongVersion(path, reason))
        case GE_INCOMPLETE: return .failure(.incomplete(path, reason))
        default: return .failure(.cannotOpen(path, reason))
        }
    }
}
