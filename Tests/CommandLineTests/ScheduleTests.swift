import Foundation
import Genera
import GeneraTesting
import Testing

/// `genera optimise-schedule`, and what else the family's options promise on the command line.
@Suite struct ScheduleTests {
    let folder: Scratch

    init() throws { folder = try Scratch() }

    private let points = "pfgmpp --model analytic-points --D 64 --solver unipc-2"

    @Test("A schedule is found, written, drawn with, and reproduced without its file")
    func found() throws {
        let outcome = try run(
            "optimise-schedule \(points) --steps 4 --sigma-min 0.1 --samples 64 --sweeps 2 --out s.yaml --json",
            in: folder)
        expectSuccess(outcome)
        let value = try #require(JSONSerialization.jsonObject(with: Data(outcome.bytes)) as? [String: Any])
        let (before, after) = (
            try #require(value["errorBefore"] as? Double), try #require(value["errorAfter"] as? Double)
        )
        let levels = value["levels"] as? [String: Any]
        #expect(after < before && (levels?["rows"] as? [[String: Double]])?.count == 4)
        let text = try folder.text("s.yaml")
        for key in ["levels:", "family: pfgmpp", "nfe: 4", "error-before:", "held-out-after:", "genera:"] {
            #expect(text.contains(key), "\(key)\n\(text)")
        }
        expectSuccess(try run("sample \(points) --schedule s.yaml --count 32 --out a.png", in: folder))
        try FileManager.default.removeItem(atPath: folder.file("s.yaml"))
        expectSuccess(try run("reproduce a.png", in: folder))
    }

    @Test("A schedule that is no better on samples which the search did not see comes with a warning")
    func unfounded() throws {
        // At a lowest level of 0.002 the closed form ends on its points whatever the steps.
        let outcome = try run(
            "optimise-schedule pfgmpp --model analytic-points --solver unipc-2 --steps 4 --samples 1 --seed 1 --out s.yaml",
            in: folder)
        expectSuccess(outcome)
        #expect(outcome.error.contains("warning") && outcome.error.contains("--samples"), "\(outcome.error)")
        let good = try run(
            "optimise-schedule \(points) --steps 4 --sigma-min 0.1 --samples 64 --sweeps 2 --out good.yaml", in: folder)
        #expect(!good.error.contains("warning"), "\(good.error)")
    }

    @Test("What cannot be optimised or written is refused in a sentence")
    func refused() throws {
        let command = "optimise-schedule pfgmpp --model analytic-points"
        expectFailure(try run("\(command) --steps 1 --out s.yaml", in: folder), 64, "one level")
        expectFailure(try run("\(command) --disc edm --out s.yaml", in: folder), 64, "level")
        expectFailure(try run("\(command) --solver euler-a --out s.yaml", in: folder), 64, "adds noise")
        expectFailure(try run("\(command) --out s.txt", in: folder), 64, "YAML")
        expectFailure(try run("\(command) --samples 0 --out s.yaml", in: folder), 64, "--samples")
        expectFailure(try run("optimise-schedule pfgmp --out s.yaml", in: folder), 64, "pfgmpp")
        try folder.write("levels: [1]\n", to: "s.yaml")
        expectFailure(try run("\(command) --steps 3 --out s.yaml", in: folder), 73, "s.yaml")
    }

    @Test("A schedule that cannot be read is told with its file and line")
    func unreadable() throws {
        try folder.write("levels: [1, 2]\n", to: "rising.yaml")
        try folder.write("levels: [2, 1]\nlevles: 3\n", to: "other.yaml")
        let sample = "sample pfgmpp --model analytic-points --out a.png --schedule"
        expectFailure(try run("\(sample) rising.yaml", in: folder), 64, "rising.yaml", "must fall")
        expectFailure(try run("\(sample) other.yaml", in: folder), 64, "line 2", "levles")
        expectFailure(try run("\(sample) none.yaml", in: folder), 64, "none.yaml")
        expectFailure(try run("\(sample) rhoo", in: folder), 64, "rhoo", "rho")
    }

    @Test("Points are trained, and sampled from the run directory")
    func toy() throws {
        let train = "train pfgmpp --arch toy --data eight-gaussians --D 64 --steps 20 --batch 64 --lr-rampup-kimg 0"
        expectSuccess(try run("\(train) --preview-every 20 --output run -q", in: folder))
        #expect(folder.names("run/previews") == ["step-000020.png"])
        expectSuccess(try run("sample pfgmpp --checkpoint run --steps 5 --count 40 --out points.npy", in: folder))
        #expect(try NPY.read(path: folder.file("points.npy")).shape == [40, 2])
        expectSuccess(try run("inspect run/model.safetensors", in: folder))
        expectFailure(
            try run("train pfgmpp --preset draft --data eight-gaussians --output other", in: folder), 64, "--arch toy")
    }

    @Test("The reference's snapshot is a checkpoint as it is")
    func snapshot() throws {
        guard Golden.isPresent("pfgmpp") else { return }
        let path = "\(Golden.folder)/pfgmpp/network-snapshot-tiny-proto4.pkl"
        expectSuccess(
            try run("sample pfgmpp --checkpoint \(path) --steps 2 --count 2 --seed-compat --out a.png", in: folder))
        expectSuccess(try run("reproduce a.png", in: folder))
        try folder.write(Array("\u{80}\u{4}garbage".utf8), to: "bad.pkl")
        expectFailure(
            try run("sample pfgmpp --checkpoint bad.pkl --out b.png", in: folder), 65, "bad.pkl")
    }
}
