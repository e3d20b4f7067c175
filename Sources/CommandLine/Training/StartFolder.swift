import Formats
import Genera

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The folder in which a run was begun: relative paths in its configuration lead from there.
struct StartFolder {
    /// The key in `config.yaml`. Its value is the way there from the run's folder, so that both can move together and the same
    /// training writes the same text anywhere.
    static let key = "begun-in"

    /// The folder, absolute.
    let path: String

    /// The folder that a configuration names; nil if it names none, one that is gone, or the one that this process is in.
    ///
    /// - Parameter run: the folder that the configuration lies in.
    init?(of options: YAMLOptions, in run: String) {
        guard let way = options[Self.key]?.text, let path = Self.resolved("\(run)/\(way)"), path != Self.resolved(".")
        else {
            return nil
        }
        self.path = path
    }

    /// The line of a run in a folder that need not exist; nil where this process is in a folder that is gone.
    static func entry(ofRun folder: String) -> (key: String, value: YAMLValue)? {
        guard let here = resolved("."), let run = future(folder) else { return nil }
        let (from, to) = (run.split(separator: "/"), here.split(separator: "/"))
        let shared = zip(from, to).prefix { $0 == $1 }.count
        let way = from.dropFirst(shared).map { _ in ".." } + to.dropFirst(shared).map(String.init)
        return (key, .scalar(way.isEmpty ? "." : way.joined(separator: "/")))
    }

    /// A path, or the same from the start folder where there is nothing here but something there.
    func found(_ path: String) -> String {
        let other = "\(self.path)/\(path)"
        let isHere = path.hasPrefix("/") || FileSystem.exists(path)
        return isHere || path.isEmpty || Double(path) != nil || !FileSystem.exists(other) ? path : other
    }

    /// Does something with a run's files; where one is not there, the message says in which folders it was looked for.
    ///
    /// - Throws: what `body` throws.
    static func told<Result>(resuming run: String?, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch {
            guard let run, (error as? any KindedError)?.kind == .noInput,
                let start = (try? RunDirectory(run).configuration()).flatMap({ StartFolder(of: $0, in: run) })
            else { throw error }
            let words = Failure(error).message
            throw GeneraError.noInput(
                "\(words)\(words.hasSuffix(".") ? "" : ".") Looked here and in \(start.path), where the run was begun.")
        }
    }

    /// The path without links and dots; nil for one that is not there.
    private static func resolved(_ path: String) -> String? {
        guard let text = realpath(path, nil) else { return nil }
        defer { free(text) }
        return String(cString: text)
    }

    /// The path, without links, that a folder will have once it is made.
    private static func future(_ folder: String) -> String? {
        if let path = resolved(folder) { return path }
        let parent = FileSystem.parent(of: folder)
        guard parent != folder else { return nil }
        return future(parent).map { "\($0)/\(FileSystem.name(of: folder))" }
    }
}
