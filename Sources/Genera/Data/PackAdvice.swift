import Platform

/// The command that makes a set of pictures which do not go together as they are.
package struct PackAdvice {
    /// The command in quotes for a message.
    package let command: String

    /// Makes the command for a set whose smallest side has so many pixels.
    package init(_ path: String, side: Int) {
        let size = side >= 64 ? 64 : 32
        let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let ending = FileSystem.isFolder(path) ? "" : FileSystem.fileExtension(of: trimmed)
        let stem = ending.isEmpty ? trimmed : String(trimmed.dropLast(ending.count + 1))
        let out = ending == "zip" ? "\(stem)-\(size).zip" : "\(stem).zip"
        command = "`genera data pack \(Text.shellWord(path)) --size \(size) --out \(Text.shellWord(out))`"
    }
}
