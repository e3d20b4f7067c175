import Foundation
import Genera
import GeneraTesting
import Testing

struct ToyFamily: SamplingFamily {
    static let name = "toy"
    static let summary = "A random walk."
    static let citation: Citation? = Citation(
        title: "On the Toy: a Study", authors: ["Ada Lovelace", "Alan Turing"], year: 1950, venue: "Mind",
        url: "https://example.org")
    static func sampler(_ options: ToyOptions, _ run: RunContext) throws -> any Sampler { ToySampler() }
}

struct OtherToy: SamplingFamily {
    static let name = "toy"
    static let summary = ""
    static let citation = ToyFamily.citation
    static func sampler(_ options: InnerOptions, _ run: RunContext) throws -> any Sampler { ToySampler() }
}

func makeDirectory(_ path: String) throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
}

@Suite("Families")
struct FamilyTests {
    @Test("Families are found by name; unknown names suggest the nearest")
    func registry() throws {
        let registry = try Registry([ToyFamily.self])
        #expect(try registry.family(named: "toy").summary == "A random walk.")
        let error = #expect(throws: GeneraError.self) { try registry.family(named: "tyo") }
        #expect(error?.description == "No model family is called 'tyo'. Did you mean 'toy'? Known: toy.")
        #expect(error?.exitCode == 64)
    }

    @Test("A name taken twice is refused")
    func duplicate() throws {
        var registry = try Registry([ToyFamily.self])
        #expect(throws: GeneraError.duplicateFamily("toy")) { try registry.register(OtherToy.self) }
        #expect(registry.families.map { $0.name } == ["toy"])
    }

    @Test("A citation is told as BibTeX")
    func citation() {
        let text = ToyFamily.citation?.bibtex ?? ""
        #expect(text.hasPrefix("@inproceedings{lovelace1950on,"))
        #expect(text.contains("author = {Ada Lovelace and Alan Turing}"))
    }

    @Test("A family without training or models says so")
    func defaults() throws {
        let context = RunContext(checkpoints: CheckpointStore(folders: []))
        let registry = try Registry([ToyFamily.self])
        #expect(throws: GeneraError.unavailable("toy cannot be trained with Genera.")) {
            try registry.training(named: "toy")
        }
        let error = #expect(throws: GeneraError.self) { try context.model(of: ToyFamily.self) }
        #expect(error?.description.contains("--checkpoint") == true)
    }

    @Test("Errors of every floor become a message and a status")
    func failures() throws {
        #expect(Failure(FormatError(file: "x", reason: "no memory", kind: .unavailable)).exitCode == 69)
        #expect(Failure(ImagingError(reason: "a grid needs at least one image")).exitCode == 65)
        #expect(Failure(MetricError("Sets differ.")).exitCode == 65)
        #expect(Failure(KeyMismatch(missing: ["a"], unexpected: [], misshaped: [])).exitCode == 65)
        #expect(Failure(FormatError(file: "x", reason: "not valid JSON")).exitCode == 65)
        #expect(Failure(Engine.LoadError.notFound([])).exitCode == 69)
        #expect(Failure(GeneraError.interrupted("Stopped.")) == Failure(message: "Stopped.", exitCode: 130))
        let poisoned = Tensor.zeros([2]) + Tensor.zeros([3])
        let error = #expect(throws: TensorError.self) { try poisoned.checked() }
        #expect(error.map { Failure($0).exitCode } == 70)
    }

    @Test("Threads give results in order, and the first error ends the work")
    func parallel() throws {
        #expect(try Parallel.map(100, workers: 3) { $0 * $0 } == (0..<100).map { $0 * $0 })
        #expect(try Parallel.map(0, workers: 3) { $0 } == [])
        let counter = Counter()
        #expect(throws: GeneraError.self) {
            try Parallel.map(10_000, workers: 2) { item in
                _ = counter.next()
                if item == 5 { throw GeneraError.usage("five") }
            }
        }
        #expect(counter.next() < 10_000)
    }
}

@Suite("Comparisons")
struct ComparisonTests {
    @Test("The worst element is named with its index and how far off it is")
    func worst() throws {
        let expected = Tensor([1, 2, 3, 4] as [Float], shape: [2, 2])
        #expect(try expectClose(got: expected, expected: expected) == 0)
        let got = Tensor([1, 2, 3.5, 4] as [Float], shape: [2, 2])
        let error = #expect(throws: ComparisonFailure.self) {
            try expectClose(got: got, expected: expected, rtol: 0, atol: 0.25)
        }
        #expect(error?.description.contains("element [1, 0]: got 3.5, expected 3.0, off by 2.0 tolerances") == true)
        #expect(throws: ComparisonFailure.self) { try expectClose(got: got.reshaped([4]), expected: expected) }
    }

    @Test("NaN fails, also where infinity is expected")
    func notFinite() throws {
        #expect(throws: ComparisonFailure.self) { try expectClose(got: [.nan], expected: [1]) }
        #expect(throws: ComparisonFailure.self) { try expectClose(got: [.nan], expected: [.infinity]) }
        #expect(throws: ComparisonFailure.self) { try expectClose(got: [1e30], expected: [.infinity]) }
        #expect(try expectClose(got: [.infinity], expected: [.infinity]) == 0)
    }
}
