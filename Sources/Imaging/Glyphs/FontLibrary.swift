import CCairo

/// The fonts that fontconfig knows.
enum FontLibrary {
    /// One font: a face in a file.
    struct Entry: Hashable, Sendable {
        var family: String
        var style: String
        var path: String
        /// FreeType's face index; the high 16 bits name an instance of a variable font.
        var index: Int
        /// Whether it is for pictures instead of letters, by its properties or its name.
        var isSymbol: Bool
    }

    private static let symbolWords = ["symbol", "dingbat", "emoji", "icon", "math", "webdings", "barcode", "braille"]

    /// The sans family for plots: the first that is installed.
    static let sansFamily: String = {
        let wanted = ["Helvetica Neue", "Arial", "Liberation Sans", "Noto Sans", "Inter", "DejaVu Sans"]
        let installed = Set(list(scalable: nil).map(\.family))
        return wanted.first(where: installed.contains) ?? "sans-serif"
    }()

    /// The family of letters of equal width: the first that is installed.
    static let monospacedFamily: String = {
        let wanted = ["DejaVu Sans Mono", "Liberation Mono", "Noto Sans Mono", "Menlo", "Courier New"]
        let installed = Set(list(scalable: nil).map(\.family))
        return wanted.first(where: installed.contains) ?? "monospace"
    }()

    /// The fonts of a family, or all; sorted by family, style, file and index.
    static func list(family: String? = nil, scalable: Bool?) -> [Entry] {
        guard let pattern = FcPatternCreate() else { return [] }
        defer { FcPatternDestroy(pattern) }
        if let scalable { FcPatternAddBool(pattern, FC_SCALABLE, scalable ? 1 : 0) }
        if let family { add(FC_FAMILY, family, to: pattern) }
        guard let wanted = FcObjectSetCreate() else { return [] }
        defer { FcObjectSetDestroy(wanted) }
        for name in [FC_FAMILY, FC_STYLE, FC_FILE, FC_INDEX, FC_VARIABLE, FC_SYMBOL, FC_COLOR] {
            FcObjectSetAdd(wanted, name)
        }
        guard let set = FcFontList(nil, pattern, wanted) else { return [] }
        defer { FcFontSetDestroy(set) }
        let entries = (0..<Int(set.pointee.nfont)).compactMap { set.pointee.fonts[$0].flatMap(entry) }
        return Set(entries).sorted {
            ($0.family, $0.style, $0.path, $0.index) < ($1.family, $1.style, $1.path, $1.index)
        }
    }

    private static func entry(_ pattern: OpaquePointer) -> Entry? {
        if flag(FC_VARIABLE, of: pattern) { return nil }  // its named instances are listed by themselves
        guard let family = text(FC_FAMILY, of: pattern), let path = text(FC_FILE, of: pattern) else { return nil }
        var index: CInt = 0
        FcPatternGetInteger(pattern, FC_INDEX, 0, &index)
        let style = text(FC_STYLE, of: pattern) ?? "Regular"
        let name = (family + " " + style).lowercased()
        let isSymbol =
            flag(FC_SYMBOL, of: pattern) || flag(FC_COLOR, of: pattern) || symbolWords.contains { name.contains($0) }
        return Entry(family: family, style: style, path: path, index: Int(index), isSymbol: isSymbol)
    }

    private static func text(_ object: String, of pattern: OpaquePointer) -> String? {
        var value: UnsafeMutablePointer<FcChar8>?
        guard FcPatternGetString(pattern, object, 0, &value) == FcResultMatch, let value else { return nil }
        return String(cString: value)
    }

    private static func flag(_ object: String, of pattern: OpaquePointer) -> Bool {
        var value: FcBool = 0
        return FcPatternGetBool(pattern, object, 0, &value) == FcResultMatch && value == 1
    }

    private static func add(_ object: String, _ value: String, to pattern: OpaquePointer) {
        let bytes = Array(value.utf8) + [0]
        _ = bytes.withUnsafeBufferPointer { FcPatternAddString(pattern, object, $0.baseAddress) }
    }
}
