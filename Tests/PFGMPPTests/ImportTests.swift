import Genera
import GeneraTesting
import PFGMPP
import Testing

/// The reference's own files as checkpoints, without converting them first.
@Suite struct ImportTests {
    static let files = [
        "network-snapshot-tiny-proto2.pkl", "network-snapshot-tiny-proto4.pkl", "training-state-000001.pt",
    ]

    private func sampler(_ path: String, _ words: [String] = []) throws -> any Sampler {
        let options = try PFGMPPSamplingOptions.parse(["--steps", "3"] + words)
        return try PFGMPP.sampler(options, RunContext(checkpoint: path))
    }

    @Test("A snapshot or training state is sampled as it is, the same as after converting", arguments: files)
    func direct(name: String) throws {
        guard Golden.isPresent("pfgmpp") else { return }
        let folder = TemporaryFolder()
        let path = "\(Golden.folder)/pfgmpp/\(name)"
        let pictures = try Tiny.pictures(sampler(path), SamplingRequest(indices: [0, 1]))
        let converted = folder.file("converted.safetensors")
        try ReferenceSnapshot.format.read(path).save(to: converted)
        #expect(try Tiny.pictures(sampler(converted), SamplingRequest(indices: [0, 1])) == pictures)
        #expect(throws: GeneraError.self) { try sampler(path, ["--D", "2048"]) }
        // The ending does not matter.
        let other = folder.file("snapshot")
        try AtomicFile.write(MappedFile(path: path).view.array(), to: other)
        #expect(try Tiny.pictures(sampler(other), SamplingRequest(indices: [0, 1])) == pictures)
    }

    @Test("A damaged snapshot is refused with its name and the place", arguments: files)
    func damaged(name: String) throws {
        guard Golden.isPresent("pfgmpp") else { return }
        let folder = TemporaryFolder()
        let path = folder.file(name)
        let whole = try MappedFile(path: "\(Golden.folder)/pfgmpp/\(name)").view.array()
        try AtomicFile.write(Array(whole.prefix(whole.count / 2)), to: path)
        let error = try #require(throws: FormatError.self) { try sampler(path) }
        #expect(error.description.contains(name), "\(error)")
        try AtomicFile.write(Array("hello, I am no pickle".utf8), to: path)
        #expect(throws: FormatError.self) { try sampler(path) }
    }
}
