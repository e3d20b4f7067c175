import Genera
import Testing

@testable import Scaffold

@Suite struct ScaffoldTests {
    @Test(arguments: [("moons", "Moons"), ("two-moons", "TwoMoons"), ("a1-b2", "A1B2")])
    func namesBecomeModules(_ name: String, _ module: String) throws {
        let scaffold = try Scaffold(family: name, genera: "https://example.com/genera.git", version: "1.2.3")
        #expect(scaffold.module == module)
    }

    @Test(arguments: [
        "", "Moons", "two moons", "-moons", "moons-", "two--moons", "1moon", "mö", "../x", "a/b", "pfgmpp", "genera",
        "swift",
        String(repeating: "a", count: 41),
    ])
    func namesThatWillNotDoAreRefused(_ name: String) {
        #expect(throws: ScaffoldError.self) {
            try Scaffold(family: name, genera: "https://example.com/genera.git", version: "1.2.3")
        }
    }

    @Test func aBetterNameIsProposed() {
        let error = #expect(throws: ScaffoldError.self) {
            try Scaffold(family: "TwoMoons", genera: "https://example.com/genera.git", version: "1.2.3")
        }
        #expect(error?.description.contains("'two-moons'") == true)
    }

    @Test(arguments: [
        ("https://example.com/x/genera.git", "genera"), ("git@example.com:genera.git", "genera"),
        ("file:///tmp/Genera", "Genera"),
    ])
    func packagesAreCalledByTheLastPartOfTheirAddress(_ address: String, _ identity: String) throws {
        let source = try PackageSource(address)
        #expect(source.identity == identity)
        #expect(source.dependency(version: "1.2.3") == ".package(url: \"\(address)\", exact: \"1.2.3\")")
    }

    @Test(arguments: ["/nowhere", "/tmp", "https://example.com/\"; evil.git"])
    func placesWithoutGeneraAreRefused(_ place: String) {
        #expect(throws: ScaffoldError.self) { try PackageSource(place) }
    }

    @Test func noPlaceholderIsLeft() throws {
        let scaffold = try Scaffold(family: "two-moons", genera: "https://example.com/genera.git", version: "1.2.3")
        for file in scaffold.files where !file.path.hasSuffix(".safetensors") {
            let text = String(decoding: file.content, as: UTF8.self)
            #expect(!text.contains("__"), "\(file.path)")
            #expect(!file.path.contains("__"))
        }
    }

    @Test func theRecordedCaseCanBeRead() throws {
        let tensors = try Safetensors(MappedBytes.view(GoldenVelocity().file), file: "golden").tensors
        #expect(tensors.map(\.name).contains("hidden.2.bias"))
        #expect(tensors.first { $0.name == "velocity" }?.tensor.shape == [3, 2])
    }
}

/// Bytes as a reader wants them.
private enum MappedBytes {
    static func view(_ bytes: [UInt8]) -> ByteView { bytes.withUnsafeBytes { ByteView($0) } }
}
