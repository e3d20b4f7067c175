import Testing

@testable import Imaging

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

@Suite struct FilesTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        var template = Array("/tmp/imaging-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) != nil }
        try #require(made)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        defer {
            for name in names(in: path) { unlink("\(path)/\(name)") }
            for name in names(in: path) { rmdir("\(path)/\(name)") }
            rmdir(path)
        }
        try body(path)
    }

    private func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    @Test("A written file replaces the old one and leaves no other behind")
    func replaces() throws {
        try withFolder { folder in
            let path = folder + "/picture.png"
            let image = Image.noise(5, 5, channels: 3)
            try PNG.write(Image(width: 1, height: 1, channels: 1), to: path)
            try PNG.write(image, to: path, text: [PNG.Text("Key", "value")])
            #expect(try PNG.read(path) == image)
            #expect(try PNG.text(of: path) == [PNG.Text("Key", "value")])
            #expect(names(in: folder) == ["picture.png"])
        }
    }

    @Test("A write over a folder leaves the folder and no temporary file")
    func leavesNothing() throws {
        try withFolder { folder in
            let path = folder + "/taken"
            try #require(mkdir(path, 0o755) == 0)
            #expect {
                try PNG.write(Image(width: 1, height: 1, channels: 1), to: path)
            } throws: {
                "\($0)" == "\(path): cannot write: it is a folder"
            }
            #expect(names(in: folder) == ["taken"])
        }
    }

    @Test("A folder that is not there is named with the system's reason")
    func unwritable() throws {
        #expect {
            try PNG.write(Image(width: 1, height: 1, channels: 1), to: "/nonexistent/a.png")
        } throws: {
            "\($0)".hasPrefix("/nonexistent/a.png: cannot create a file in its folder: No such file or directory")
        }
    }

    @Test("A folder is not read as a file")
    func folder() throws {
        try withFolder { folder in
            #expect {
                try PNG.read(folder)
            } throws: {
                "\($0)" == "\(folder): is a folder, a file was expected"
            }
        }
    }
}
