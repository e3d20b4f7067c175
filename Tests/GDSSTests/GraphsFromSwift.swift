import Foundation
import GDSS
import Genera
import GeneraTesting
import Testing

/// The code about graphs of docs/Genera-from-Swift.md, each block between `// page:` and `// end`, compiled and run. A test of
/// the family PFGM++ compares the two.
@Suite struct GraphsFromSwift {
    private let folder = TemporaryFolder()

    @Test func graphs() throws {
        guard (try? CheckpointStore.standard.path(of: "community20")) != nil else { return }
        let (file, list) = (folder.file("graphs.png"), folder.file("graphs.json"))
        // page: graphs
        let model = try GDSS.load("community20")
        var way = model.configuration.sampling
        (way.predictor, way.together) = (.s4, 16)
        let graphs = try model.graphs(16, seed: 7, way, steps: 100, workers: 2)
        try PNG.write(Graph.picture(of: graphs), to: file)
        try Graph.write(graphs, to: list)
        // end
        #expect(try PNG.read(file).width > 100 && Graph.source(at: list).all() == graphs)
        #expect(try model.graphs(3, seed: 7, way, steps: 100) == Array(graphs.prefix(3)))
        #expect(graphs.allSatisfy { (1...20).contains($0.nodes.count) })
        #expect(throws: GeneraError.self) { try model.molecules(1, way, steps: 2) }
    }

    @Test func rules() throws {
        // page: rules
        let lobsters = try GraphGenerator(named: "lobster").graphs(50, seed: 1)
        let (tree, planar) = (try GraphShape(named: "tree"), try GraphShape(named: "planar"))
        let trees = lobsters.count { tree.holds($0) }  // 50
        let different = Set(try Graph.isomorphismClasses(lobsters)).count
        // end
        #expect(trees == 50 && lobsters.allSatisfy(planar.holds) && (45...50).contains(different))
    }

    @Test func molecules() throws {
        let file = folder.file("caffeine.png")
        // page: molecules
        let caffeine = try Molecule(smiles: "Cn1cnc2c1c(=O)n(C)c(=O)n2C")
        let hydrogens = caffeine.hydrogenCounts.reduce(0, +)  // 10
        let isSame = try Molecule(smiles: "CN1C=NC2=C1C(=O)N(C)C(=O)N2C").canonicalText == caffeine.canonicalText
        try PNG.write(caffeine.drawn(), to: file)
        // end
        #expect(caffeine.atoms.count == 14 && hydrogens == 10 && isSame)
        #expect(try PNG.read(file).width > 100)
    }
}
