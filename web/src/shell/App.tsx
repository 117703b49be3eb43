import { QueryClientProvider } from "@tanstack/react-query";
import { lazy } from "react";
import { Route, Switch } from "wouter";
import { queryClient } from "../api/queries";
import { ConfirmIdentity } from "../account/ConfirmIdentity";
import { Forgot } from "../account/Forgot";
import { Login } from "../account/Login";
import { Reset } from "../account/Reset";
import { Setup } from "../account/Setup";
import { ConsentPage } from "../connect/ConsentPage";
import { DevicePage } from "../connect/DevicePage";
import { SignOutPage } from "../connect/SignOutPage";
import { SignUp } from "../account/SignUp";
import { Unlock } from "../account/Unlock";
import { Verify } from "../account/Verify";
import { Home } from "../labs/Home";
import { LabList } from "../labs/LabList";
import { isTab } from "../labs/tabs";
import { Toasts } from "../ui/Toasts";
import { NotFound } from "./NotFound";
import { Shell } from "./Shell";

const LabPage = lazy(() => import("../labs/LabPage").then((module) => ({ default: module.LabPage })));
const TasksPage = lazy(() => import("../tasks/TasksPage").then((module) => ({ default: module.TasksPage })));
const TaskSettings = lazy(() => import("../tasks/TaskSettings").then((module) => ({ default: module.TaskSettings })));
const Security = lazy(() => import("../account/Security").then((module) => ({ default: module.Security })));
const Sessions = lazy(() => import("../account/Sessions").then((module) => ({ default: module.Sessions })));
const Tokens = lazy(() => import("../account/Tokens").then((module) => ({ default: module.Tokens })));
const Connections = lazy(() => import("../connect/Connections").then((module) => ({ default: module.Connections })));
const Profile = lazy(() => import("../account/Profile").then((module) => ({ default: module.Profile })));
const YourData = lazy(() => import("../account/YourData").then((module) => ({ default: module.YourData })));
const Users = lazy(() => import("../admin/Users").then((module) => ({ default: module.Users })));
const PersonPage = lazy(() => import("../admin/PersonPage").then((module) => ({ default: module.PersonPage })));
const ClientsPage = lazy(() => import("../admin/ClientsPage").then((module) => ({ default: module.ClientsPage })));
const ActivityPage = lazy(() => import("../admin/ActivityPage").then((module) => ({ default: module.ActivityPage })));
const MailPage = lazy(() => import("../admin/MailPage").then((module) => ({ default: module.MailPage })));
const HealthPage = lazy(() => import("../admin/HealthPage").then((module) => ({ default: module.HealthPage })));

export function App() {
  return (
    <QueryClientProvider client={queryClient}>
      <Switch>
        <Route path="/setup" component={Setup} />
        <Route path="/login" component={Login} />
        <Route path="/authorize/:handle">{({ handle }) => <ConsentPage key={handle} handle={handle} />}</Route>
        <Route path="/signout/:handle">{({ handle }) => <SignOutPage key={handle} handle={handle} />}</Route>
        <Route path="/device" component={DevicePage} />
        <Route path="/signup" component={SignUp} />
        <Route path="/verify" component={Verify} />
        <Route path="/forgot" component={Forgot} />
        <Route path="/reset" component={Reset} />
        <Route path="/unlock" component={Unlock} />
        <Route>
          <Shell>
            <Switch>
              <Route path="/" component={Home} />
              <Route path="/labs" component={LabList} />
              <Route path="/labs/:id/:tab?">
                {({ id, tab = "tasks" }) => (isTab(tab) ? <LabPage key={id} id={id} tab={tab} /> : <NotFound />)}
              </Route>
              <Route path="/tasks" component={TasksPage} />
              <Route path="/settings/profile" component={Profile} />
              <Route path="/settings/security" component={Security} />
              <Route path="/settings/sessions" component={Sessions} />
              <Route path="/settings/connections" component={Connections} />
              <Route path="/settings/tokens" component={Tokens} />
              <Route path="/settings/tasks" component={TaskSettings} />
              <Route path="/settings/data" component={YourData} />
              <Route path="/admin/users" component={Users} />
              <Route path="/admin/users/:id">{({ id }) => <PersonPage key={id} id={id} />}</Route>
              <Route path="/admin/clients" component={ClientsPage} />
              <Route path="/admin/mail" component={MailPage} />
              <Route path="/admin/activity" component={ActivityPage} />
              <Route path="/admin/health" component={HealthPage} />
              <Route>
                <NotFound />
              </Route>
            </Switch>
          </Shell>
        </Route>
      </Switch>
      <ConfirmIdentity />
      <Toasts />
    </QueryClientProvider>
  );
}
