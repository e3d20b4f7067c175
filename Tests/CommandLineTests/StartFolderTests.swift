import Foundation
import Genera
import Testing

/// Runs that are gone on with, and models that are measured, from another folder than the one they were begun in.
@Suite struct StartFolderTests {
    let folder: Scratch
    private let options = "--arch toy --batch-size 64 --preview-every 0 --checkpoint-every 2 -q"

    init() throws {
        folder = try Scratch()
        for place in ["begun", "other"] {
            try FileManager.default.createDirectory(atPath: folder.file(place), withIntermediateDirectories: true)
        }
        let rows = (0..<64).map { "\(cos(Double($0))),\(sin(Double($0)))\n" }
        try folder.write("x,y\n" + rows.joined(), to: "begun/ring.csv")
    }

    private func run(_ words: String, in place: String) throws -> Outcome {
        let script = "cd \(place) && exec \(Program.path) \(words)"
        return try Program.run(["-c", script], of: "/bin/sh", in: folder)
    }

    @Test("A run goes on from another folder, to the same bits")
    func resumed() throws {
        expectSuccess(try run("train pfgmpp --data ring.csv \(options) --steps 4 --out runs/whole", in: "begun"))
        expectSuccess(try run("train pfgmpp --data ring.csv \(options) --steps 4 --out runs/cut", in: "begun"))
        #expect(try folder.text("begun/runs/cut/config.yaml").contains("\nbegun-in: ../..\n"))
        try FileManager.default.removeItem(atPath: folder.file("begun/runs/cut/checkpoints/step-00000004.safetensors"))
        try FileManager.default.removeItem(atPath: folder.file("begun/runs/cut/model.safetensors"))
        expectSuccess(try run("train ../begun/runs/cut -q", in: "other"))
        #expect(
            try folder.bytes("begun/runs/cut/model.safetensors") == folder.bytes("begun/runs/whole/model.safetensors"))
        // The folder moves as a whole.
        try FileManager.default.moveItem(atPath: folder.file("begun"), toPath: folder.file("moved"))
        expectSuccess(try run("train ../moved/runs/cut --dry-run", in: "other"))
    }

    @Test("A run in a folder far away is found, and data that is gone is told with both places")
    func gone() throws {
        expectSuccess(try run("train pfgmpp --data ring.csv \(options) --steps 2 --out ../other/run", in: "begun"))
        #expect(try folder.text("other/run/config.yaml").contains("\nbegun-in: ../../begun\n"))
        expectSuccess(try run("train run --dry-run", in: "other"))
        try FileManager.default.removeItem(atPath: folder.file("begun/ring.csv"))
        expectFailure(
            try run("train run", in: "other"), 66, "ring.csv", "Looked here and in", "/begun, where the run was begun.")
    }

    @Test("What lies here wins over what lay there")
    func here() throws {
        expectSuccess(try run("train pfgmpp --data ring.csv \(options) --steps 2 --out run", in: "begun"))
        try folder.write("x,y\n1,2\n", to: "other/ring.csv")
        // Another data set than the run's is refused, so it was read.
        let other = try run("train ../begun/run --steps 4", in: "other")
        expectFailure(other, 65, "was trained on 64 samples, the data set now has 1")
    }

    @Test("A model is measured beside its own data", arguments: ["begun", "other"])
    func training(place: String) throws {
        expectSuccess(try run("train pfgmpp --data ring.csv \(options) --steps 2 --out run", in: "begun"))
        func value(_ reference: String) throws -> Double {
            let words =
                "evaluate pfgmpp --checkpoint ../begun/run --steps 2 --count 20 --measures energy --bootstrap 0 --json -q"
            let outcome = try run("\(words) --reference \(reference)", in: place)
            expectSuccess(outcome)
            let json = try #require(JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [String: Any])
            let results = try #require(json["results"] as? [[String: Any]])
            let measures = try #require(results[0]["measures"] as? [[String: Any]])
            return try #require(measures[0]["value"] as? Double)
        }
        let (own, named) = try (value("training"), value("../begun/ring.csv"))
        #expect(own == named)
    }

    @Test("What was trained on nothing, or not trained, is told")
    func nothing() throws {
        expectFailure(
            try run("evaluate pfgmpp --model analytic-gmm --count 20 --reference training", in: "other"), 64,
            "--reference training needs a model that was trained")
    }
}
