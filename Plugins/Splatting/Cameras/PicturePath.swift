import Genera

/// Where pictures lie that files of cameras name.
enum PicturePath {
    private static let endings = ["png", "jpg", "jpeg", "JPG", "JPEG", "PNG", "webp"]

    /// The file of a picture that is named with or without its ending; nil where it is not there.
    static func find(_ name: String, in folder: String) -> String? {
        let path = joined(folder, name)
        return ([path] + endings.map { "\(path).\($0)" }).first { FileSystem.exists($0) && !FileSystem.isFolder($0) }
    }

    /// A path within a folder, without `./` and doubled slashes; one from the root stays.
    static func joined(_ folder: String, _ name: String) -> String {
        if name.hasPrefix("/") { return name }
        let parts = name.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        return folder.isEmpty || folder == "." ? parts : folder.hasSuffix("/") ? folder + parts : "\(folder)/\(parts)"
    }

    /// The last part of a path without the ending of a picture: `./train/r_0.png` is `r_0`.
    static func stem(_ path: String) -> String { withoutEnding(FileSystem.name(of: path)) }

    /// A path without the ending of a picture.
    static func withoutEnding(_ path: String) -> String {
        guard PictureFormat.isName(path), let dot = path.lastIndex(of: ".") else { return path }
        return String(path[..<dot])
    }
}

extension String {
    /// A path as written under Windows, with `/` between folders.
    var slashed: String { String(map { $0 == "\\" ? "/" : $0 }) }
}
